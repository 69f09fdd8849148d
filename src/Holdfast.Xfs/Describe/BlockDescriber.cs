// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Describe;

/// <summary>
/// Takes the metadata block at a byte of the device apart. Which structure it is comes from its own magic number, and
/// is believed only after that structure's checks agree; who owns it is the reverse map's word.
/// </summary>
public static class BlockDescriber
{
    /// <param name="offset">A byte of the data device; the block around it is described.</param>
    public static Description Describe(XfsVolume volume, long offset)
    {
        Geometry geometry = volume.Geometry;
        if (offset < 0 || offset >= geometry.DataLength) return new($"byte {offset}, outside the filesystem", [], []);
        (uint ag, AgBlock block) = geometry.BlockAt(offset);
        long start = geometry.ByteOf(ag, block);
        var fields = new List<Field>
        {
            new("byte", $"{start}"),
            new("length", $"{geometry.BlockSize}"),
            new("group", $"{ag}"),
            new("group_block", $"{block}"),
            new("filesystem_block", $"{geometry.FsBlockOf(ag, block)}"),
            new("disk_address", $"{geometry.DiskAddressOf(ag, block)}"),
        };
        int sector = (int)((offset - geometry.ByteOf(ag, new(0))) / geometry.SectorSize);
        if (sector < AgHeaderReader.Sectors) return HeaderDescriber.Describe(volume, ag, sector, fields);
        byte[] bytes = new byte[geometry.BlockSize];
        BlockFault fault = volume.ReadBlock(ag, block, bytes);
        if (!fault.IsNone)
        {
            fields.Add(new("read", fault.Found));
            return new($"block {block} of group {ag}, unreadable", fields, []);
        }

        return Decode(volume, ag, block, bytes, fields);
    }

    private static Description Decode(XfsVolume volume, uint ag, AgBlock block, byte[] bytes, List<Field> fields)
    {
        string where = $"block {block} of group {ag}";
        foreach (BtreeFormat format in (BtreeFormat[])
            [BtreeFormat.Bnobt, BtreeFormat.Cntbt, BtreeFormat.Inobt, BtreeFormat.Finobt, BtreeFormat.Rmapbt,
                BtreeFormat.Refcountbt, BtreeFormat.Bmbt])
        {
            uint magic = volume.Features.IsV5 ? format.MagicV5 : format.MagicV4;
            if (magic != 0 && ((ReadOnlySpan<byte>)bytes).U32(0) == magic)
            {
                return BtreeDescriber.Describe(volume, ag, block, bytes, format, where, fields);
            }
        }

        BlockIdentity identity = volume.Geometry.IdentityOf(ag, block, null);
        ReadOnlySpan<byte> span = bytes;
        ushort inodeMagic = span.U16(0);
        if (inodeMagic == Magic.Inode) return Inodes(volume, ag, block, bytes, where, fields);
        if (AttributeLeaf.TryOpen(span, in identity, out AttributeLeaf leaf).IsNone)
        {
            return Attributes(leaf, where, fields);
        }
        if (DaNode.TryOpen(span, in identity, out DaNode node).IsNone)
        {
            fields.Add(new("level", $"{node.Level}"));
            fields.Add(new("count", $"{node.Count}"));
            return new($"{where}, a directory or attribute node", fields, []);
        }

        if (DirectoryDataBlock.TryOpen(span, in identity, volume.Features.FileTypes,
            out DirectoryDataBlock data).IsNone)
        {
            return Directory(data, where, fields);
        }

        if (DirectoryLeaf.TryOpen(span, in identity, out _).IsNone)
        {
            return new($"{where}, a directory leaf", fields, []);
        }
        if (DirectoryFreeBlock.TryOpen(span, in identity, out _).IsNone)
        {
            return new($"{where}, a directory free index", fields, []);
        }
        if (inodeMagic == Magic.Dquot) return new($"{where}, quota records", fields, []);
        if (volume.Features.IsV5 && span.U32(0) == Magic.SymlinkV5)
        {
            return new($"{where}, a symlink target", fields, []);
        }
        if (volume.Features.IsV5 && span.U32(0) == Magic.AttributeRemoteV5)
        {
            return new($"{where}, an attribute value", fields, []);
        }
        return new($"{where}, no metadata that describes itself", fields, [HexTable(bytes)]);
    }

    private static Description Inodes(
        XfsVolume volume, uint ag, AgBlock block, byte[] bytes, string where, List<Field> fields)
    {
        Geometry geometry = volume.Geometry;
        var rows = new List<IReadOnlyList<string>>();
        for (int slot = 0; slot < geometry.InodesPerBlock; slot++)
        {
            InodeNumber number = geometry.InodeOf(ag, (block.Value << geometry.InodesPerBlockLog) + (uint)slot);
            ReadOnlySpan<byte> one = bytes.AsSpan(slot * geometry.InodeSize, geometry.InodeSize);
            BlockFault fault = Inode.TryOpen(one, number, volume.Features.IsV5, geometry.MetadataUuid, out Inode inode);
            rows.Add(!fault.IsNone ? [$"{number}", $"{fault.Field}: {fault.Found}", "", ""]
                : inode.IsFree ? [$"{number}", "free", "", ""]
                : [$"{number}", inode.Type.Word(), $"{inode.Size}", $"{inode.Links}"]);
        }

        return new($"{where}, inodes", fields, [new("inodes", ["inode", "type", "size", "links"], rows, rows.Count)]);
    }

    private static Description Directory(DirectoryDataBlock data, string where, List<Field> fields)
    {
        var rows = new List<IReadOnlyList<string>>();
        foreach (DirectoryEntry entry in data)
        {
            rows.Add([$"{entry.Offset}", $"{entry.Inode}", $"{entry.FileType}", Encoding.UTF8.GetString(entry.Name)]);
        }

        fields.Add(new("owner", $"{data.Owner}"));
        fields.Add(new("form", data.IsSingleBlock ? "single block" : "data"));
        return new($"{where}, directory entries", fields,
            [new("entries", ["offset", "inode", "type", "name"], rows, rows.Count)]);
    }

    private static Description Attributes(AttributeLeaf leaf, string where, List<Field> fields)
    {
        var rows = new List<IReadOnlyList<string>>();
        for (int i = 0; i < leaf.Count; i++)
        {
            AttributeEntry entry = leaf[i];
            rows.Add([$"0x{leaf.HashOf(i):x8}", entry.Kind, Encoding.UTF8.GetString(entry.Name),
                $"{entry.ValueLength}"]);
        }

        fields.Add(new("owner", $"{leaf.Owner}"));
        return new($"{where}, an attribute leaf", fields,
            [new("attributes", ["hash", "kind", "name", "length"], rows, rows.Count)]);
    }

    private static Table HexTable(byte[] bytes)
    {
        const int width = 16;
        const int rowsMax = 16;
        var rows = new List<IReadOnlyList<string>>();
        for (int at = 0; at < Math.Min(bytes.Length, width * rowsMax); at += width)
        {
            ReadOnlySpan<byte> row = bytes.AsSpan(at, width);
            var text = new StringBuilder(width);
            foreach (byte one in row) text.Append(one is >= 0x20 and < 0x7f ? (char)one : '.');
            rows.Add([$"{at:x4}", Convert.ToHexStringLower(row), text.ToString()]);
        }

        return new("bytes", ["at", "hex", "text"], rows, bytes.Length / width);
    }
}
