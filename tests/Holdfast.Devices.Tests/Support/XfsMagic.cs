// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests.Support;

/// <summary>The filesystem that these tests look for: whatever begins with XFS's magic.</summary>
internal static class XfsMagic
{
    internal static ReadOnlySpan<byte> Bytes => "XFSB"u8;

    internal static bool IsAt(IBlockSource source)
    {
        Span<byte> bytes = stackalloc byte[4];
        return source.Read(0, bytes).IsNone && bytes.SequenceEqual(Bytes);
    }

    internal static LayoutTree Discover(IBlockSource disk, params IBlockSource[] others) =>
        DiskLayout.Discover(disk, IsAt, others);

    internal static DistrustingBlockSource Without(this IBlockSource disk, params ByteRange[] bad) =>
        new(disk, ByteRangeSet.From(bad));

    internal static LayoutNode Node(this LayoutTree tree, string name) => tree.Walk().Single(n => n.Name == name);

    /// <summary>Where a node lies on the disk, if it lies there in one piece.</summary>
    internal static ByteRange Extent(this LayoutNode node) =>
        Assert.Single(node.ToDevices(new(0, node.Source!.Length))).Range;
}
