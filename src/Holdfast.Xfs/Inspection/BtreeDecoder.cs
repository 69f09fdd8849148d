// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Inspection;

/// <summary>Decodes a block of any btree, found by its magic number.</summary>
internal static class BtreeDecoder
{
    private static readonly BtreeFormat[] Formats =
    [
        BtreeFormat.Bnobt, BtreeFormat.Cntbt, BtreeFormat.Inobt, BtreeFormat.Finobt, BtreeFormat.Rmapbt,
        BtreeFormat.Refcountbt, BtreeFormat.Bmbt, BtreeFormat.Rtrmapbt, BtreeFormat.Rtrefcountbt,
    ];

    public static DecodedBlock? TryDecode(
        XfsVolume volume, uint ag, AgBlock block, ByteRange bytes, ReadOnlySpan<byte> content)
    {
        uint magic = content.U32(0);
        bool isV5 = volume.Features.IsV5;
        BtreeFormat? format = Array.Find(Formats, f => magic != 0 && magic == (isV5 ? f.MagicV5 : f.MagicV4));
        if (format is null) return null;
        // A long block belongs to an inode, and only its own header says which.
        BlockIdentity identity = volume.Geometry.IdentityOf(ag, block, format.IsLong ? null : ag);
        int level = BtreeBlock.LevelOf(content);
        BlockFault fault = BtreeBlock.TryOpen(content, format, in identity, level, out BtreeBlock view);
        var fields = new List<DecodedField> { new("bb_level", $"{level}") };
        if (!fault.IsNone) return new(bytes, format.Word, fault, fields, []);
        fields.Add(new("bb_numrecs", $"{view.Count}"));
        if (isV5 && format.IsLong) fields.Add(new("bb_owner", $"inode {BtreeBlock.LongOwnerOf(content)}"));
        return new(bytes, format.Word, fault, fields, Rows(volume, ag, format, in view));
    }

    private static List<string> Rows(XfsVolume volume, uint ag, BtreeFormat format, in BtreeBlock view)
    {
        var rows = new List<string>(view.Count);
        for (int i = 0; i < view.Count; i++)
        {
            rows.Add(view.IsLeaf
                ? Record(volume, ag, format, view.Record(i))
                : $"key {Convert.ToHexStringLower(view.Key(i))}: block {view.Pointer(i)}");
        }

        return rows;
    }

    private static string Record(XfsVolume volume, uint ag, BtreeFormat format, ReadOnlySpan<byte> bytes)
    {
        switch (format.Name)
        {
            case BtreeName.Bnobt or BtreeName.Cntbt:
                FreeRecord free = FreeRecord.Read(bytes);
                return $"free: blocks {free.Start} to {free.Start.Value + (ulong)free.Length - 1}";
            case BtreeName.Inobt or BtreeName.Finobt:
                InodeChunkRecord chunk = InodeChunkRecord.Read(bytes, volume.Features.SparseInodes);
                InodeNumber first = volume.Geometry.InodeOf(ag, chunk.Start);
                return $"inodes from {first}: {chunk.PresentCount}, {chunk.FreeCount} free";
            case BtreeName.Rmapbt or BtreeName.Rtrmapbt:
                return Rmap(RmapRecord.Read(bytes));
            case BtreeName.Refcountbt or BtreeName.Rtrefcountbt:
                RefcountRecord refcount = RefcountRecord.Read(bytes);
                string owners = refcount.IsCow ? "staged for copy-on-write" : $"{refcount.Count} owners";
                return $"blocks {refcount.Start} to {refcount.Start.Value + (ulong)refcount.Length - 1}: {owners}";
            default:
                ExtentRecord extent = ExtentRecord.Read(bytes);
                string state = extent.Unwritten ? ", unwritten" : "";
                return $"file blocks {extent.Offset} to {extent.OffsetEnd - 1}: filesystem block {extent.Start}{state}";
        }
    }

    private static string Rmap(RmapRecord record)
    {
        string blocks = $"blocks {record.Start} to {record.End - 1}";
        if (!record.IsInode) return $"{blocks}: owner {(long)record.Owner}";
        string fork = record.IsAttributeFork ? "attribute" : "data";
        string what = record.IsBlockMap ? "block map" : $"from file block {record.Offset}";
        return $"{blocks}: inode {record.Owner}, {fork} fork, {what}{(record.IsUnwritten ? ", unwritten" : "")}";
    }
}
