// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>Names bytes of a disk by the layout: areas are laid over one another, the innermost on top.</summary>
internal static class AreaNames
{
    private const string Nothing = "not allocated";
    private const string PastEnd = "past the end of the disk";

    internal static IEnumerable<DiskArea> Of(LayoutTree tree, IBlockSource device, ByteRangeSet ranges)
    {
        List<DiskArea> named = Flatten(Collect(tree, device));
        int next = 0;
        foreach (ByteRange range in ranges)
        {
            long at = range.Offset;
            while (next < named.Count && named[next].Range.End <= at) next++;
            for (int i = next; at < range.End; i++)
            {
                long start = i < named.Count ? Math.Min(named[i].Range.Offset, range.End) : range.End;
                if (start > at) yield return new(ByteRange.FromTo(at, start), Nothing);
                at = Math.Max(at, start);
                if (at == range.End) break;
                long end = Math.Min(named[i].Range.End, range.End);
                yield return new(ByteRange.FromTo(at, end), named[i].Name);
                at = end;
            }
        }
    }

    /// <summary>A node's extent, then its own areas; children come later, and so on top.</summary>
    private static List<DiskArea> Collect(LayoutTree tree, IBlockSource device)
    {
        var layers = new List<DiskArea>();
        foreach (LayoutNode node in tree.Walk().Where(n => n.Source is not null))
        {
            if (node.Kind != LayoutKind.Disk) Add(layers, node, device, new(0, node.Source!.Length), $"{node}");
            foreach (DiskArea area in node.Areas) Add(layers, node, device, area.Range, area.Name);
        }

        layers.Add(new(ByteRange.FromTo(device.Length, long.MaxValue), PastEnd));
        return layers;
    }

    private static void Add(List<DiskArea> layers, LayoutNode node, IBlockSource device, ByteRange range, string name)
    {
        ByteRange clipped = range.Intersect(new(0, node.Source!.Length));
        if (clipped.IsEmpty) return;
        if (node.Source is MappedBlockSource mapped)
        {
            layers.AddRange(mapped.OnDevice(device, ByteRangeSet.From([clipped])).Select(r => new DiskArea(r, name)));
        }
        else if (ReferenceEquals(node.Source, device))
        {
            layers.Add(new(clipped, name));
        }
    }

    /// <summary>Disjoint areas in order: one sweep over the ends of all, keeping the layers that are open.</summary>
    private static List<DiskArea> Flatten(List<DiskArea> layers)
    {
        var ends = new List<(long At, int Layer, bool Opens)>();
        for (int i = 0; i < layers.Count; i++)
        {
            ends.Add((layers[i].Range.Offset, i, true));
            ends.Add((layers[i].Range.End, i, false));
        }

        ends.Sort((a, b) => a.At.CompareTo(b.At));
        var open = new SortedSet<int>();
        var flat = new List<DiskArea>();
        long from = 0;
        foreach ((long at, int layer, bool opens) in ends)
        {
            if (open.Count > 0 && at > from) flat.Add(new(ByteRange.FromTo(from, at), layers[open.Max].Name));
            from = at;
            if (opens) open.Add(layer);
            else open.Remove(layer);
        }

        return flat;
    }
}
