// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;
using Xunit;

namespace Holdfast.Xfs.Tests.Finishing.Attributes;

/// <summary>
/// An attribute fork as lines of text: its form, and every block of it, byte for byte but for checksums, log sequence
/// numbers.
/// </summary>
internal static class AttributeForkDump
{
    internal static IEnumerable<string> Of(XfsVolume volume, ulong inode)
    {
        byte[] bytes = new byte[volume.Geometry.InodeSize];
        Assert.True(
            InodeReader.Read(volume, new(inode), bytes, out Inode read), string.Join('\n', volume.Faults.ToList()));
        if (!read.HasAttributeFork) return ["no fork"];
        int room = read.AttributeFork.Length;
        var lines = new List<string> { $"{read.AttributeFormat}, fork of {room} bytes, {read.Blocks} blocks" };
        if (read.AttributeFormat == ForkFormat.Local)
        {
            int length = read.AttributeFork.U16(AttributeShortForm.At.TotalSizeAt);
            lines.Add(Convert.ToHexString(read.AttributeFork[..length]));
            return lines;
        }

        ExtentList map = ExtentList.Read(volume, in read, ForkKind.Attribute, 0, uint.MaxValue);
        Assert.False(map.IsLost);
        foreach (ExtentRecord extent in map.Extents)
        {
            for (uint i = 0; i < extent.Length; i++)
            {
                var place = new FsBlock(extent.Start.Value + i);
                lines.Add(Block(volume, extent.Offset.Value + i, place));
            }
        }

        return lines;
    }

    private static string Block(XfsVolume volume, ulong offset, FsBlock place)
    {
        byte[] block = new byte[volume.Geometry.BlockSize];
        Assert.True(volume.Data.Read(volume.Geometry.ByteOf(place), block).IsNone);
        ReadOnlySpan<byte> view = block;
        DaBlockKind kind = DaBlockInfo.KindOf(block, hasCrc: true);
        string what;
        if (kind == DaBlockKind.Unknown)
        {
            what = "value";
            block.AsSpan(RemoteBlockHeader.CrcAt, sizeof(uint)).Clear();
            block.AsSpan(RemoteBlockHeader.AddressAt, sizeof(ulong) + sizeof(ulong)).Clear();
        }
        else
        {
            int info = DaBlockInfo.SizeV5;
            int count = view.U16(info);
            what = kind == DaBlockKind.Node ? $"node, level {view.U16(info + 2)}" : $"leaf, {view.U16(info + 2)} bytes";
            what += $", {count} entries, {view.U32(DaBlockInfo.BackAt)} < > {view.U32(DaBlockInfo.ForwardAt)}";
            block.AsSpan(DaBlockInfo.CrcAt, sizeof(uint)).Clear();
            block.AsSpan(DaBlockInfo.AddressAt, sizeof(ulong) + sizeof(ulong)).Clear();
            // What a node had room for before it was one is left in it.
            if (kind == DaBlockKind.Node) block.AsSpan(DaNode.At.HeaderSizeOf(true) + count * DaNodeEntry.Size).Clear();
        }

        return $"{offset} at {place}: {what}, {Crc32c.Update(0, block):x8}";
    }
}
