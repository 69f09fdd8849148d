// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Inspection;

/// <summary>Decodes a block of inodes.</summary>
internal static class InodeBlockDecoder
{
    public static DecodedBlock? TryDecode(XfsVolume volume, ByteRange bytes, ReadOnlySpan<byte> content)
    {
        if (content.U16(0) != Magic.Inode) return null;
        Geometry geometry = volume.Geometry;
        (uint ag, AgBlock block) = geometry.BlockAt(bytes.Offset);
        BlockFault first = BlockFault.None;
        var rows = new List<string>(geometry.InodesPerBlock);
        for (int slot = 0; slot < geometry.InodesPerBlock; slot++)
        {
            InodeNumber number = geometry.InodeOf(ag, (block.Value << geometry.InodesPerBlockLog) + (uint)slot);
            ReadOnlySpan<byte> own = content.Slice(slot * geometry.InodeSize, geometry.InodeSize);
            BlockFault fault =
                Inode.TryOpen(own, number, geometry.Features.IsV5, geometry.MetadataUuid, out Inode inode);
            if (first.IsNone) first = fault;
            rows.Add(fault.IsNone ? Row(in inode) : $"inode {number}: not believed: {fault.Field} is {fault.Found}");
        }

        return new(bytes, "inodes", first, [new("inodes", $"{geometry.InodesPerBlock}")], rows);
    }

    private static string Row(in Inode inode) => inode.IsFree
        ? $"inode {inode.Number}: free"
        : $"inode {inode.Number}: {inode.Type.Word()}, {inode.Size} bytes, {inode.Links} links";
}
