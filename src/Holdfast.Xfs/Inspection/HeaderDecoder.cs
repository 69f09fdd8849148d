// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Inspection;

/// <summary>Decodes the header sectors of a group.</summary>
internal static class HeaderDecoder
{
    public static DecodedBlock Decode(XfsVolume volume, uint ag, long offset)
    {
        Geometry geometry = volume.Geometry;
        int sector = (int)((offset - AgHeaderReader.ByteOfSector(geometry, ag, 0)) / geometry.SectorSize);
        var bytes = new ByteRange(AgHeaderReader.ByteOfSector(geometry, ag, sector), geometry.SectorSize);
        byte[] content = new byte[bytes.Length];
        ReadFault read = volume.Data.Read(bytes.Offset, content);
        if (!read.IsNone) return new(bytes, Word(ag, sector), BlockFault.Unreadable(read), [], []);
        return sector switch
        {
            0 => OfSuperblock(bytes, Word(ag, sector), content),
            AgHeaderReader.FreeSector => OfFree(volume, ag, bytes),
            AgHeaderReader.InodeSector => OfInodes(volume, ag, bytes),
            _ => OfFreeList(volume, ag, bytes, content),
        };
    }

    private static string Word(uint ag, int sector) => sector switch
    {
        0 => ag == 0 ? "superblock" : "secondary superblock",
        AgHeaderReader.FreeSector => "AGF",
        AgHeaderReader.InodeSector => "AGI",
        _ => "AGFL",
    };

    private static DecodedBlock OfSuperblock(ByteRange bytes, string word, byte[] content)
    {
        BlockFault fault = Superblock.TryOpen(content, out Superblock superblock);
        if (!fault.IsNone) return new(bytes, word, fault, [], []);
        string label = Encoding.UTF8.GetString(superblock.Label.TrimEnd((byte)0));
        DecodedField[] fields =
        [
            new("sb_versionnum", $"{superblock.Version}"),
            new("sb_uuid", $"{superblock.Uuid}"),
            new("sb_fname", label),
            new("sb_blocksize", $"{superblock.BlockSize}"),
            new("sb_dblocks", $"{superblock.DataBlocks}"),
            new("sb_agblocks", $"{superblock.AgBlocks}"),
            new("sb_agcount", $"{superblock.AgCount}"),
            new("sb_sectsize", $"{superblock.SectorSize}"),
            new("sb_inodesize", $"{superblock.InodeSize}"),
            new("sb_rootino", $"{superblock.RootInode}"),
            new("sb_logstart", $"{superblock.LogStart}"),
            new("sb_logblocks", $"{superblock.LogBlocks}"),
            new("sb_rblocks", $"{superblock.RealtimeBlocks}"),
            new("sb_lsn", $"0x{superblock.Lsn:x}"),
        ];
        return new(bytes, word, BlockFault.None, fields, [.. Features.Of(in superblock).Names]);
    }

    private static DecodedBlock OfFree(XfsVolume volume, uint ag, ByteRange bytes)
    {
        AllocationGroup group = volume.Group(ag);
        if (group.Free is not { } free) return new(bytes, "AGF", group.FreeFault, [], []);
        var fields = new List<DecodedField>
        {
            new("agf_seqno", $"{ag}"),
            new("agf_length", $"{free.Length}"),
            new("agf_freeblks", $"{free.FreeBlocks}"),
            new("agf_longest", $"{free.Longest}"),
            new("bnobt root", Root(free.Bnobt)),
            new("cntbt root", Root(free.Cntbt)),
        };
        if (volume.Features.ReverseMapBtree) fields.Add(new("rmapbt root", Root(free.Rmapbt)));
        if (volume.Features.Reflink) fields.Add(new("refcountbt root", Root(free.Refcountbt)));
        fields.Add(new("free list", $"{free.FreeListCount} blocks from slot {free.FreeListFirst}"));
        return new(bytes, "AGF", BlockFault.None, fields, []);
    }

    private static DecodedBlock OfInodes(XfsVolume volume, uint ag, ByteRange bytes)
    {
        AllocationGroup group = volume.Group(ag);
        if (group.Inodes is not { } inodes) return new(bytes, "AGI", group.InodesFault, [], []);
        var fields = new List<DecodedField>
        {
            new("agi_seqno", $"{ag}"),
            new("agi_length", $"{inodes.Length}"),
            new("agi_count", $"{inodes.Count}"),
            new("agi_freecount", $"{inodes.FreeCount}"),
            new("inobt root", Root(inodes.Inobt)),
        };
        if (volume.Features.FreeInodeBtree) fields.Add(new("finobt root", Root(inodes.Finobt)));
        var rows = new List<string>();
        for (int bucket = 0; bucket < inodes.Unlinked.Count; bucket++)
        {
            if (inodes.Unlinked[bucket] is var first and not AgInodeHeader.NullInode)
            {
                rows.Add($"unlinked[{bucket}]: inode {volume.Geometry.InodeOf(ag, first)}");
            }
        }

        return new(bytes, "AGI", BlockFault.None, fields, rows);
    }

    private static DecodedBlock OfFreeList(XfsVolume volume, uint ag, ByteRange bytes, byte[] content)
    {
        Geometry geometry = volume.Geometry;
        var identity = new BlockIdentity(
            geometry.Features.IsV5, new((ulong)bytes.Offset / DiskAddress.Size), ag, geometry.MetadataUuid);
        BlockFault fault = AgFreeList.TryOpen(content, in identity, out AgFreeList list);
        if (!fault.IsNone) return new(bytes, "AGFL", fault, [], []);
        var rows = new List<string>();
        for (int slot = 0; slot < list.Slots; slot++)
        {
            if (list[slot] != AgBlock.Null) rows.Add($"slot {slot}: block {list[slot]}");
        }

        return new(bytes, "AGFL", BlockFault.None, [new("slots", $"{list.Slots}")], rows);
    }

    private static string Root(BtreeRoot root) => $"block {root.Block}, {root.Levels} levels";
}
