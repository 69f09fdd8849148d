// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Describe;

/// <summary>Takes a group's header sectors apart.</summary>
internal static class HeaderDescriber
{
    public static Description Describe(XfsVolume volume, uint ag, int sector, List<Field> fields)
    {
        AllocationGroup group = volume.Group(ag);
        switch (sector)
        {
            case AgHeaderReader.FreeSector:
                AddFree(volume, group, fields);
                return new($"AGF of group {ag}", fields, []);
            case AgHeaderReader.InodeSector:
                AddInodes(group, fields);
                return new($"AGI of group {ag}", fields, []);
            case AgHeaderReader.FreeListSector:
                List<AgBlock>? blocks = AgHeaderReader.ReadFreeList(volume, group);
                fields.Add(new("state", blocks is null ? "not to be believed" : "sound"));
                List<IReadOnlyList<string>> rows = [.. (blocks ?? []).Select(b => (string[])[$"{b}"])];
                return new($"AGFL of group {ag}", fields, [new("free list", ["group_block"], rows, rows.Count)]);
            default:
                AddSuperblock(volume, ag, fields);
                return new(ag == 0 ? "superblock" : $"secondary superblock of group {ag}", fields, []);
        }
    }

    private static void AddSuperblock(XfsVolume volume, uint ag, List<Field> fields)
    {
        byte[] sector = new byte[volume.Geometry.SectorSize];
        ReadFault read = volume.Data.Read(AgHeaderReader.ByteOfSector(volume.Geometry, ag, 0), sector);
        Superblock superblock = default;
        BlockFault fault = read.IsNone ? Superblock.TryOpen(sector, out superblock) : BlockFault.Unreadable(read);
        AddState(fault, fields);
        if (!fault.IsNone) return;
        fields.Add(new("version", $"{superblock.Version}"));
        fields.Add(new("uuid", $"{superblock.Uuid}"));
        fields.Add(new("block_size", $"{superblock.BlockSize}"));
        fields.Add(new("sector_size", $"{superblock.SectorSize}"));
        fields.Add(new("inode_size", $"{superblock.InodeSize}"));
        fields.Add(new("data_blocks", $"{superblock.DataBlocks}"));
        fields.Add(new("groups", $"{superblock.AgCount}"));
        fields.Add(new("group_blocks", $"{superblock.AgBlocks}"));
        fields.Add(new("root_inode", $"{superblock.RootInode}"));
        fields.Add(new("log_start", $"{superblock.LogStart}"));
        fields.Add(new("log_blocks", $"{superblock.LogBlocks}"));
        fields.Add(new("inodes", $"{superblock.InodeCount}"));
        fields.Add(new("free_inodes", $"{superblock.FreeInodes}"));
        fields.Add(new("free_blocks", $"{superblock.FreeDataBlocks}"));
        fields.Add(new("features", string.Join(' ', Features.Of(in superblock).Names)));
    }

    private static void AddFree(XfsVolume volume, AllocationGroup group, List<Field> fields)
    {
        AddState(group.FreeFault, fields);
        if (group.Free is not { } free) return;
        fields.Add(new("length", $"{free.Length}"));
        AddRoot("bnobt", free.Bnobt, fields);
        AddRoot("cntbt", free.Cntbt, fields);
        if (volume.Features.ReverseMapBtree) AddRoot("rmapbt", free.Rmapbt, fields);
        if (volume.Features.Reflink) AddRoot("refcountbt", free.Refcountbt, fields);
        fields.Add(new("free_blocks", $"{free.FreeBlocks}"));
        fields.Add(new("longest", $"{free.Longest}"));
        fields.Add(new("free_list_blocks", $"{free.FreeListCount}"));
    }

    private static void AddInodes(AllocationGroup group, List<Field> fields)
    {
        AddState(group.InodesFault, fields);
        if (group.Inodes is not { } inodes) return;
        fields.Add(new("length", $"{inodes.Length}"));
        fields.Add(new("inodes", $"{inodes.Count}"));
        fields.Add(new("free_inodes", $"{inodes.FreeCount}"));
        AddRoot("inobt", inodes.Inobt, fields);
        if (inodes.Finobt.Levels > 0) AddRoot("finobt", inodes.Finobt, fields);
        int unlinked = inodes.Unlinked.Count(i => i != AgInodeHeader.NullInode);
        fields.Add(new("unlinked_lists_in_use", $"{unlinked}"));
    }

    private static void AddState(BlockFault fault, List<Field> fields) => fields.Add(
        new("state", fault.IsNone
            ? "sound"
            : $"{fault.Field} is {fault.Found}" + (fault.Wanted.Length > 0 ? $", wanted {fault.Wanted}" : "")));

    private static void AddRoot(string word, BtreeRoot root, List<Field> fields)
    {
        fields.Add(new($"{word}_root", $"{root.Block}"));
        fields.Add(new($"{word}_levels", $"{root.Levels}"));
    }
}
