// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Tests.Support;

/// <summary>Holds what is found on disks that the real tools made against what those tools say.</summary>
internal static class ToolChecks
{
    internal static void PartitionsAreWherePartedSeesThem(DiskFolder folder, string image)
    {
        LayoutTree tree = XfsMagic.Discover(folder.Disk(image));
        // An extended partition is a frame for the others, no volume.
        bool isMbr = image.StartsWith("mbr", StringComparison.Ordinal);
        Assert.Equal(
            PartedAnswer.Partitions(folder.Lines(image)).Where(p => !isMbr || p.Name != "p2"),
            tree.Target.Children.Select(n => (n.Name, n.Extent())));
        Assert.Empty(tree.Faults);
    }

    internal static void SegmentsLieWhereLvmSays(DiskFolder folder)
    {
        var answer = new LvmAnswer(folder, "lvm");
        (MemoryBlockSource a, MemoryBlockSource b) = (folder.Disk("lvm-a"), folder.Disk("lvm-b"));
        LayoutTree tree = XfsMagic.Discover(a, b);
        Assert.Empty(tree.Faults);
        var mapped = answer.Segments.Where(s => s.Type is "linear" or "striped" && s.Volume != "old").ToList();
        Assert.True(mapped.Count > 8);
        foreach (LvmSegmentAnswer segment in mapped)
        {
            LayoutNode volume = tree.Node($"vg0/{segment.Volume}");
            Assert.Equal(segment.Uuid, volume.Uuid);
            Assert.Equal(mapped.Where(s => s.Volume == segment.Volume).Sum(s => s.Length), volume.Source!.Length);
            // Every sixteenth sector and the last byte: both ends of every stripe's chunk are among them.
            for (long at = 0; at <= segment.Length; at += 8192)
            {
                long inSegment = Math.Min(at, segment.Length - 1);
                DeviceRange found = Assert.Single(volume.ToDevices(new(segment.Start + inSegment, 1)));
                (string device, long offset) = answer.Locate(segment, inSegment);
                Assert.Equal((device == "a" ? a : (IBlockSource)b, offset), (found.Device, found.Range.Offset));
            }
        }
    }

    internal static void TheNestedFilesystemReadsAsItWasMade(DiskFolder folder)
    {
        LayoutTree tree = XfsMagic.Discover(folder.Disk("nested"));
        LayoutNode root = tree.Select(null).Volume!;
        Assert.Equal("system/root", root.Name);
        byte[] content = new byte[root.Source!.Length];
        Assert.Equal(ReadFault.None, root.Source.Read(0, content));
        string wanted = folder.Lines("nested").Single(l => l.StartsWith("sha256|", StringComparison.Ordinal))[7..];
        Assert.Equal(wanted, Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}
