// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Inspection;

/// <summary>Decodes blocks that belong to an inode's fork: directories, attributes, symlinks, quota records.</summary>
internal static class ForkBlockDecoder
{
    public static DecodedBlock? TryDecode(
        XfsVolume volume, uint ag, AgBlock block, ByteRange bytes, ReadOnlySpan<byte> content)
    {
        BlockIdentity identity = volume.Geometry.IdentityOf(ag, block, null);
        switch (content.U32(0))
        {
            case Magic.DirectoryBlockV4 or Magic.DirectoryBlockV5 or Magic.DirectoryDataV4 or Magic.DirectoryDataV5:
                return OfDirectory(volume, bytes, in identity);
            case Magic.DirectoryFreeV4 or Magic.DirectoryFreeV5:
                return OfFreeIndex(volume, bytes, in identity);
            case Magic.SymlinkV5:
                BlockFault fault = SymlinkBlock.TryOpen(content, in identity, out SymlinkBlock symlink);
                return new(bytes, "symlink target", fault, fault.IsNone ? [Owner(symlink.Owner)] : [],
                    fault.IsNone ? [Encoding.UTF8.GetString(symlink.Part)] : []);
            case Magic.AttributeRemoteV5:
                fault = AttributeRemoteValue.TryOpen(content, in identity, out AttributeRemoteValue value);
                return new(bytes, "attribute value", fault, fault.IsNone ? [Owner(value.Owner)] : [], []);
            default:
                return content.U16(0) == Magic.Dquot
                    ? OfQuota(bytes, content)
                    : OfHashTree(volume, bytes, in identity, content);
        }
    }

    private static DecodedField Owner(InodeNumber owner) => new("owner", $"inode {owner}");

    /// <summary>A directory block may be several filesystem blocks, of which this is the first.</summary>
    private static BlockFault ReadWhole(XfsVolume volume, ref ByteRange bytes, out byte[] whole)
    {
        long length = Math.Min(volume.Geometry.DirectoryBlockSize, volume.Geometry.DataLength - bytes.Offset);
        bytes = new(bytes.Offset, length);
        whole = new byte[length];
        ReadFault read = volume.Data.Read(bytes.Offset, whole);
        return read.IsNone ? BlockFault.None : BlockFault.Unreadable(read);
    }

    private static DecodedBlock OfDirectory(XfsVolume volume, ByteRange bytes, in BlockIdentity identity)
    {
        BlockFault fault = ReadWhole(volume, ref bytes, out byte[] whole);
        DirectoryDataBlock block = default;
        if (fault.IsNone) fault = DirectoryDataBlock.TryOpen(whole, in identity, volume.Features.FileTypes, out block);
        if (!fault.IsNone) return new(bytes, "directory data", fault, [], []);
        var rows = new List<string>(block.Count);
        foreach (DirectoryEntry entry in block)
        {
            rows.Add($"inode {entry.Inode}: {WordOf(entry.FileType)} {Encoding.UTF8.GetString(entry.Name)}");
        }

        return new(bytes, "directory data", fault, [Owner(block.Owner), new("entries", $"{block.Count}")], rows);
    }

    private static string WordOf(DirectoryFileType type) => type switch
    {
        DirectoryFileType.RegularFile => "file",
        DirectoryFileType.Directory => "directory",
        DirectoryFileType.Symlink => "symlink",
        DirectoryFileType.Unknown => "",
        _ => "special file",
    };

    private static DecodedBlock OfFreeIndex(XfsVolume volume, ByteRange bytes, in BlockIdentity identity)
    {
        BlockFault fault = ReadWhole(volume, ref bytes, out byte[] whole);
        DirectoryFreeBlock block = default;
        if (fault.IsNone) fault = DirectoryFreeBlock.TryOpen(whole, in identity, out block);
        if (!fault.IsNone) return new(bytes, "directory free index", fault, [], []);
        DecodedField[] fields = [Owner(block.Owner), new("data blocks", $"{block.Count} from {block.FirstDataBlock}")];
        return new(bytes, "directory free index", fault, fields, []);
    }

    private static DecodedBlock? OfHashTree(
        XfsVolume volume, ByteRange bytes, in BlockIdentity identity, ReadOnlySpan<byte> content)
    {
        switch (DaBlockInfo.KindOf(content, identity.HasCrc))
        {
            case DaBlockKind.AttributeLeaf:
                return OfAttributes(bytes, in identity, content);
            case DaBlockKind.DirectoryLeaf1 or DaBlockKind.DirectoryLeafN:
                BlockFault fault = ReadWhole(volume, ref bytes, out byte[] whole);
                DirectoryLeaf leaf = default;
                if (fault.IsNone) fault = DirectoryLeaf.TryOpen(whole, in identity, out leaf);
                DecodedField[] fields = fault.IsNone ? [Owner(leaf.Owner), new("forw", $"{leaf.Forward}")] : [];
                return new(bytes, "directory leaf", fault, fields, []);
            case DaBlockKind.Node:
                return OfNode(volume, bytes, in identity, content);
            default:
                return null;
        }
    }

    private static DecodedBlock OfAttributes(ByteRange bytes, in BlockIdentity identity, ReadOnlySpan<byte> content)
    {
        BlockFault fault = AttributeLeaf.TryOpen(content, in identity, out AttributeLeaf leaf);
        if (!fault.IsNone) return new(bytes, "attribute leaf", fault, [], []);
        var rows = new List<string>(leaf.Count);
        for (int i = 0; i < leaf.Count; i++)
        {
            AttributeEntry entry = leaf[i];
            rows.Add($"{entry.Kind} {Encoding.UTF8.GetString(entry.Name)}: {entry.ValueLength} bytes");
        }

        return new(bytes, "attribute leaf", fault, [Owner(leaf.Owner), new("count", $"{leaf.Count}")], rows);
    }

    /// <summary>Of an attribute fork (one block) or of a directory (one directory block): the checksum tells.</summary>
    private static DecodedBlock OfNode(
        XfsVolume volume, ByteRange bytes, in BlockIdentity identity, ReadOnlySpan<byte> content)
    {
        BlockFault fault = DaNode.TryOpen(content, in identity, out DaNode node);
        if (!fault.IsNone && volume.Geometry.DirectoryBlockSize > bytes.Length)
        {
            ByteRange larger = bytes;
            bool isRead = ReadWhole(volume, ref larger, out byte[] whole).IsNone;
            if (isRead && DaNode.TryOpen(whole, in identity, out node).IsNone)
            {
                bytes = larger;
                fault = BlockFault.None;
            }
        }

        if (!fault.IsNone) return new(bytes, "hash tree node", fault, [], []);
        var rows = new List<string>(node.Count);
        for (int i = 0; i < node.Count; i++) rows.Add($"up to hash 0x{node[i].Hash:x8}: fork block {node[i].Child}");
        return new(bytes, "hash tree node", fault, [Owner(node.Owner), new("level", $"{node.Level}")], rows);
    }

    private static DecodedBlock OfQuota(ByteRange bytes, ReadOnlySpan<byte> content)
    {
        var rows = new List<string>();
        for (int i = 0; i < DquotBlock.CountOf(content.Length); i++)
        {
            ReadOnlySpan<byte> record = content.Slice(i * Dquot.Size, Dquot.Size);
            if (record.U16(0) != Magic.Dquot) continue;
            Dquot quota = Dquot.Read(record);
            rows.Add($"{quota.Type.ToString().ToLowerInvariant()} {quota.Id}: {quota.Blocks} blocks, {quota.Inodes} inodes");
        }

        return new(bytes, "quota records", BlockFault.None, [], rows);
    }
}
