// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>One group's rmapbt, or a realtime group's rtrmapbt, in terms of records.</summary>
/// <param name="editor">Aimed at the tree.</param>
/// <param name="group">Whose blocks the records speak of.</param>
internal readonly struct RmapTree(BtreeEditor editor, IBlockGroup group)
{
    private const int LengthAt = sizeof(uint);
    private const int OwnerAt = LengthAt + sizeof(uint);
    private const int OffsetAt = OwnerAt + sizeof(ulong);
    private const int KeyOwnerAt = sizeof(uint);
    private const int KeyOffsetAt = KeyOwnerAt + sizeof(ulong);

    public BtreeEditor Editor => editor;

    public static RmapRecord Record(uint start, uint length, ExtentOwner owner, bool isUnwritten) =>
        new(new(start), length, owner.Owner, owner.PackedOffset | (isUnwritten ? RmapRecord.Unwritten : 0));

    /// <summary>Same owner, fork and state: they merge where one continues the other.</summary>
    public static bool IsSameOwner(RmapRecord left, RmapRecord right) =>
        left.Owner == right.Owner && left.Owner != RmapOwner.Null
        && (left.PackedOffset & ~RmapRecord.OffsetMask) == (right.PackedOffset & ~RmapRecord.OffsetMask);

    /// <summary>Does the second begin where the first ends, on disk and in the fork?</summary>
    public static bool Continues(RmapRecord left, RmapRecord right) =>
        left.End == right.Start.Value
        && (!HasOffset(right) || left.Offset.Value + left.Length == right.Offset.Value);

    /// <summary>Block maps and owners that are no inode have no offsets.</summary>
    public static bool HasOffset(RmapRecord record) => record.IsInode && !record.IsBlockMap;

    /// <summary>What is left of a record behind its first blocks.</summary>
    public static RmapRecord Behind(RmapRecord record, uint length) => new(
        new(record.Start.Value + length), record.Length - length, record.Owner,
        HasOffset(record) ? record.PackedOffset + length : record.PackedOffset);

    /// <param name="record">Its key is sought.</param>
    /// <param name="found">Meaningful only where it returns true.</param>
    public bool Find(RmapRecord record, BtreeSeek seek, out RmapRecord found)
    {
        Span<byte> key = stackalloc byte[RmapRecord.KeySize];
        WriteKey(key, record);
        bool isThere = Editor.Lookup(key, seek);
        found = isThere ? Read() : default;
        return isThere;
    }

    /// <summary>The record at the position, which must lie within the group.</summary>
    public RmapRecord Read()
    {
        RmapRecord record = RmapRecord.Read(Editor.Record);
        bool isSound = record.Length > 0 && record.End <= group.Blocks
            && (record.IsInode || record.Owner >= RmapOwner.Cow);
        if (!isSound) Contradiction(record);
        return record;
    }

    public void Update(RmapRecord record)
    {
        Span<byte> bytes = stackalloc byte[RmapRecord.Size];
        Write(bytes, record);
        Editor.Update(bytes);
    }

    public void Insert(RmapRecord record)
    {
        Span<byte> bytes = stackalloc byte[RmapRecord.Size];
        Write(bytes, record);
        Editor.Insert(bytes);
    }

    /// <summary>Looks a record up, and puts another into its place that keeps the order.</summary>
    public void Change(RmapRecord record, RmapRecord to)
    {
        if (!Find(record, BtreeSeek.Equal, out _)) Contradiction(record);
        Update(to);
    }

    public void Remove(RmapRecord record)
    {
        if (!Find(record, BtreeSeek.Equal, out _)) Contradiction(record);
        Editor.Delete();
    }

    public void Add(RmapRecord record)
    {
        if (Find(record, BtreeSeek.Equal, out _)) Contradiction(record);
        Insert(record);
    }

    /// <summary>The first record over a place of a fork that the test agrees to.</summary>
    public RmapRecord? FirstOver(uint block, RmapRecord place, Func<RmapRecord, bool> test)
    {
        Span<byte> key = stackalloc byte[RmapRecord.KeySize];
        WriteKey(key, place with { Start = new(block) });
        RmapRecord? found = null;
        Editor.Query(key, key, bytes =>
        {
            RmapRecord record = RmapRecord.Read(bytes);
            if (test(record)) found = record;
            return found is null;
        });
        return found;
    }

    [DoesNotReturn]
    public void Contradiction(RmapRecord record) => group.Fail(BlockFault.Bad(
        "rm_owner",
        $"{editor.Format.Word}: {record.Length} blocks at {record.Start.Value} of owner {(long)record.Owner}"));

    private static void Write(Span<byte> bytes, RmapRecord record)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, record.Start.Value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[LengthAt..], record.Length);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[OwnerAt..], record.Owner);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[OffsetAt..], record.PackedOffset);
    }

    private static void WriteKey(Span<byte> key, RmapRecord record)
    {
        BinaryPrimitives.WriteUInt32BigEndian(key, record.Start.Value);
        BinaryPrimitives.WriteUInt64BigEndian(key[KeyOwnerAt..], record.Owner);
        BinaryPrimitives.WriteUInt64BigEndian(key[KeyOffsetAt..], record.PackedOffset & ~RmapRecord.Unwritten);
    }
}
