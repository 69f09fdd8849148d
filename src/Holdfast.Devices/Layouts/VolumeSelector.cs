// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>Chooses a volume of a tree, and says in one line why it could not.</summary>
internal static class VolumeSelector
{
    private const int NamesListedMax = 20;

    internal static VolumeSelection TheOnlyOne(LayoutTree tree)
    {
        LayoutNode[] found = [.. tree.Volumes.Where(v => v.IsFilesystem)];
        if (found.Length > 0) return OneOf(tree, found);
        // A filesystem whose first sector is bad is still one: if nothing else can be meant, that is it.
        LayoutNode[] hidden = [.. tree.Volumes.Where(v => v.Content == LayoutContent.Unreadable)];
        if (hidden.Length == 1) return new(hidden[0], $"{hidden[0].Name}: what it holds cannot be read at its start");
        string there = tree.Volumes.Count == 0 ? string.Empty : $"; there are {Names(tree.Volumes)}";
        string[] opaque = [.. tree.Walk().Where(n => n.Opaque is not null).Select(n => $"{n.Name}: {n.Opaque}")];
        return new(null, opaque.Length == 0
            ? $"no filesystem found{there}"
            : $"no filesystem found{there} ({string.Join("; ", opaque.Take(NamesListedMax))})");
    }

    internal static VolumeSelection Named(LayoutTree tree, string selector)
    {
        LayoutNode[] nodes = [.. tree.Walk()];
        LayoutNode? byName = Array.Find(nodes, n => n.Name == selector);
        if (byName is null && int.TryParse(selector, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index >= 1 && index <= tree.Volumes.Count)
        {
            byName = tree.Volumes[index - 1];
        }

        if (byName is not null) return Chosen(byName);
        LayoutNode[] byUuid = [.. nodes.Where(n => n.Uuid.Length > 0 && SameUuid(n.Uuid, selector))];
        if (byUuid.Length == 1) return Chosen(byUuid[0]);
        return byUuid.Length > 1
            ? new(null, $"the UUID {selector} is that of {Names(byUuid)}: choose by name")
            : new(null, $"no volume is called {selector}; there are {Names(tree.Volumes)}");
    }

    private static VolumeSelection Chosen(LayoutNode node) => node.Source is null
        ? new(null, $"{node.Name} cannot be read here: {node.Opaque ?? $"choose one of {Names(node.Children)}"}")
        : new(node, $"{node.Name}: {node.Description}");

    private static VolumeSelection OneOf(LayoutTree tree, LayoutNode[] found)
    {
        // Copies of the same bytes are one filesystem. The one on the disk that was asked about is meant, for the
        // ranges are that disk's.
        var distinct = found.GroupBy(n => n.CopyGroup ?? n.Name).ToList();
        if (distinct.Count > 1) return new(null, $"{distinct.Count} filesystems found: {Names(found)}; choose one");
        LayoutNode best = found.OrderBy(n => n.Missing.Count).ThenBy(n => LiesOn(tree, n) ? 0 : 1).First();
        return new(best, $"{best.Name}: {best.Description}");
    }

    private static bool LiesOn(LayoutTree tree, LayoutNode node) =>
        node.ToDevices(new(0, 1)).Any(r => ReferenceEquals(r.Device, tree.Target.Source));

    private static bool SameUuid(string uuid, string selector) =>
        string.Equals(Bare(uuid), Bare(selector), StringComparison.OrdinalIgnoreCase);

    private static string Bare(string uuid) =>
        uuid.Replace("-", string.Empty, StringComparison.Ordinal).Replace(":", string.Empty, StringComparison.Ordinal);

    private static string Names(IReadOnlyList<LayoutNode> nodes)
    {
        string names = string.Join(", ", nodes.Take(NamesListedMax).Select(n => n.Name));
        return nodes.Count switch
        {
            0 => "none",
            > NamesListedMax => $"{names} and {nodes.Count - NamesListedMax} more",
            _ => names,
        };
    }
}
