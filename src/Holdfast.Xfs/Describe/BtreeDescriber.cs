// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Describe;

/// <summary>Takes one btree block apart, whatever its level.</summary>
internal static class BtreeDescriber
{
    public static Description Describe(
        XfsVolume volume, uint ag, AgBlock block, ReadOnlySpan<byte> bytes, BtreeFormat format, string where,
        List<Field> fields)
    {
        // The owner of a block map is an inode that the block alone names.
        BlockIdentity identity = volume.Geometry.IdentityOf(ag, block, format.IsLong ? null : ag);
        int level = BtreeBlock.LevelOf(bytes);
        BlockFault fault = BtreeBlock.TryOpen(bytes, format, in identity, level, out BtreeBlock view);
        fields.Add(new("level", $"{level}"));
        if (!fault.IsNone)
        {
            fields.Add(new("state",
                $"{fault.Field} is {fault.Found}" + (fault.Wanted.Length > 0 ? $", wanted {fault.Wanted}" : "")));
            return new($"{where}, a {format.Word} block not to be believed", fields, []);
        }

        fields.Add(new("state", "sound"));
        fields.Add(new("count", $"{view.Count}"));
        var rows = new List<IReadOnlyList<string>>(view.Count);
        for (int i = 0; i < view.Count; i++)
        {
            rows.Add(view.IsLeaf
                ? Record(view.Record(i), format, volume)
                : [Key(view.Key(i), format), $"{view.Pointer(i)}"]);
        }

        string[] columns = view.IsLeaf ? Columns(format) : ["key", "block"];
        string kind = view.IsLeaf ? "leaf" : "node";
        return new($"{where}, a {format.Word} {kind}", fields,
            [new(view.IsLeaf ? "records" : "children", columns, rows, rows.Count)]);
    }

    private static string[] Columns(BtreeFormat format) => format.Name switch
    {
        BtreeName.Bnobt or BtreeName.Cntbt => ["start", "length"],
        BtreeName.Inobt or BtreeName.Finobt => ["first_inode", "hole_mask", "free_count", "free_mask"],
        BtreeName.Rmapbt => ["start", "length", "owner", "fork", "offset", "flags"],
        BtreeName.Refcountbt => ["start", "length", "count", "kind"],
        _ => ["offset", "start", "length", "state"],
    };

    private static string[] Record(ReadOnlySpan<byte> record, BtreeFormat format, XfsVolume volume)
    {
        switch (format.Name)
        {
            case BtreeName.Bnobt or BtreeName.Cntbt:
                FreeRecord free = FreeRecord.Read(record);
                return [$"{free.Start}", $"{free.Length}"];
            case BtreeName.Inobt or BtreeName.Finobt:
                InodeChunkRecord chunk = InodeChunkRecord.Read(record, volume.Features.SparseInodes);
                return [$"{chunk.Start}", $"0x{chunk.HoleMask:x}", $"{chunk.FreeCount}", $"0x{chunk.FreeMask:x}"];
            case BtreeName.Rmapbt:
                return Rmap(RmapRecord.Read(record));
            case BtreeName.Refcountbt:
                RefcountRecord refcount = RefcountRecord.Read(record);
                return [$"{refcount.Start}", $"{refcount.Length}", $"{refcount.Count}", refcount.IsCow
                    ? "copy-on-write staging"
                    : "shared"];
            default:
                ExtentRecord extent = ExtentRecord.Read(record);
                return [$"{extent.Offset}", $"{extent.Start}", $"{extent.Length}", extent.Unwritten ? "unwritten" : ""];
        }
    }

    private static string[] Rmap(RmapRecord record)
    {
        if (!record.IsInode)
        {
            return [$"{record.Start}", $"{record.Length}", $"{RmapRow.OwnerOf(record.Owner)}", "", "", ""];
        }
        ForkKind fork = record.IsAttributeFork ? ForkKind.Attribute : ForkKind.Data;
        string flags = record.IsBlockMap ? "block map" : record.IsUnwritten ? "unwritten" : "";
        return [$"{record.Start}", $"{record.Length}", $"inode {record.Owner}", $"{fork}", $"{record.Offset}", flags];
    }

    private static string Key(ReadOnlySpan<byte> key, BtreeFormat format) =>
        format.IsLong ? $"{key.U64(0)}" : $"{key.U32(0)}";
}
