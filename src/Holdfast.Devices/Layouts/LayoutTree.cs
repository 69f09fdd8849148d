// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// What lies on a disk, and on those given beside it. Borrows the sources it was made from: they must live as long.
/// </summary>
public sealed class LayoutTree
{
    internal LayoutTree(IReadOnlyList<LayoutNode> disks, IReadOnlyList<LayoutNode> groups)
    {
        Disks = disks;
        VolumeGroups = groups;
        Faults = [.. Walk().SelectMany(n => n.Faults)];
        Volumes = [.. Walk().Where(n => n.IsVolume)];
    }

    /// <summary>One for each source given; the first is the one asked about.</summary>
    public IReadOnlyList<LayoutNode> Disks { get; }

    /// <summary>They span disks, and so stand beside them.</summary>
    public IReadOnlyList<LayoutNode> VolumeGroups { get; }

    /// <summary>Everything that can be chosen, in the order it lies on the disks, then by volume group.</summary>
    public IReadOnlyList<LayoutNode> Volumes { get; }

    /// <summary>Those of all nodes.</summary>
    public IReadOnlyList<LayoutFault> Faults { get; }

    /// <summary>The disk that was asked about.</summary>
    public LayoutNode Target => Disks[0];

    /// <summary>
    /// Finds a volume by its name, UUID or place in <see cref="Volumes"/> (from 1); or, without a selector, the one
    /// filesystem there is.
    /// </summary>
    public VolumeSelection Select(string? selector) =>
        string.IsNullOrEmpty(selector) ? VolumeSelector.TheOnlyOne(this) : VolumeSelector.Named(this, selector);

    /// <summary>
    /// The faults that an answer about this volume rests on: of everything it lies in, down to the disks.
    /// </summary>
    public static IReadOnlyList<LayoutFault> FaultsOnTheWayTo(LayoutNode volume)
    {
        var seen = new HashSet<LayoutNode> { volume };
        var waiting = new Queue<LayoutNode>(seen);
        var faults = new List<LayoutFault>();
        while (waiting.TryDequeue(out LayoutNode? node))
        {
            faults.AddRange(node.Faults);
            foreach (LayoutNode below in node.Parent is { } parent ? node.Below.Append(parent) : node.Below)
            {
                if (seen.Add(below)) waiting.Enqueue(below);
            }
        }

        return faults;
    }

    /// <summary>Every node, each before its children; volume groups after the disks.</summary>
    public IEnumerable<LayoutNode> Walk()
    {
        var waiting = new Stack<LayoutNode>(Disks.Concat(VolumeGroups).Reverse());
        while (waiting.TryPop(out LayoutNode? node))
        {
            yield return node;
            for (int i = node.Children.Count - 1; i >= 0; i--) waiting.Push(node.Children[i]);
        }
    }

    /// <summary>
    /// Says what bytes of one disk belong to, each byte once, the innermost layer first; what belongs to nothing is
    /// "not allocated". For the bytes outside a volume.
    /// </summary>
    public IEnumerable<DiskArea> NameAreas(IBlockSource device, ByteRangeSet ranges) =>
        AreaNames.Of(this, device, ranges);
}
