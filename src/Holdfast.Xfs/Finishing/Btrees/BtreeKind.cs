// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>
/// How the records of one kind of btree are ordered, and which key a record has. Keys are kept and compared as they
/// lie on disk. Most kinds order as their bytes do, because the fields are big-endian and stand in the order of their
/// weight.
/// </summary>
internal class BtreeKind
{
    /// <summary>No key is longer, its high key beside it.</summary>
    public const int KeyStrideMax = 2 * RmapRecord.KeySize;

    private static readonly BtreeKind[] Kinds =
    [
        new StartKind(), new SizeKind(), new(BtreeFormat.Inobt), new(BtreeFormat.Finobt),
        new RmapKind(BtreeFormat.Rmapbt), new(BtreeFormat.Refcountbt), new MappingKind(),
        new RmapKind(BtreeFormat.Rtrmapbt), new(BtreeFormat.Rtrefcountbt),
    ];

    private BtreeKind(BtreeFormat format) => Format = format;

    public BtreeFormat Format { get; }

    public static BtreeKind Of(BtreeFormat format) => Kinds[(int)format.Name];

    public virtual int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => left.SequenceCompareTo(right);

    public virtual void KeyOf(ReadOnlySpan<byte> record, Span<byte> key) => record[..Format.KeySize].CopyTo(key);

    /// <summary>The greatest key that the record covers; only for kinds with high keys.</summary>
    public virtual void HighKeyOf(ReadOnlySpan<byte> record, Span<byte> key) => KeyOf(record, key);

    /// <summary>bnobt: by start alone, although the key has the length too.</summary>
    private sealed class StartKind() : BtreeKind(BtreeFormat.Bnobt)
    {
        public override int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
            left.U32(0).CompareTo(right.U32(0));
    }

    /// <summary>cntbt: by length, then by start.</summary>
    private sealed class SizeKind() : BtreeKind(BtreeFormat.Cntbt)
    {
        public override int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
        {
            int order = left.U32(sizeof(uint)).CompareTo(right.U32(sizeof(uint)));
            return order != 0 ? order : left.U32(0).CompareTo(right.U32(0));
        }
    }

    /// <summary>bmbt: the file offset is packed into the record, and stands alone in the key.</summary>
    private sealed class MappingKind() : BtreeKind(BtreeFormat.Bmbt)
    {
        public override void KeyOf(ReadOnlySpan<byte> record, Span<byte> key) =>
            BinaryPrimitives.WriteUInt64BigEndian(key, ExtentRecord.Read(record).Offset.Value);
    }

    /// <summary>rmapbt: the key leaves out the length and the unwritten flag, and has a high key.</summary>
    private sealed class RmapKind(BtreeFormat format) : BtreeKind(format)
    {
        private const int OwnerAt = sizeof(uint);
        private const int OffsetAt = OwnerAt + sizeof(ulong);

        public override int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
        {
            int order = left.U32(0).CompareTo(right.U32(0));
            if (order == 0) order = left.U64(OwnerAt).CompareTo(right.U64(OwnerAt));
            if (order != 0) return order;
            ulong leftOffset = left.U64(OffsetAt) & ~RmapRecord.Unwritten;
            return leftOffset.CompareTo(right.U64(OffsetAt) & ~RmapRecord.Unwritten);
        }

        public override void KeyOf(ReadOnlySpan<byte> record, Span<byte> key)
        {
            RmapRecord rmap = RmapRecord.Read(record);
            Write(key, rmap.Start.Value, rmap.Owner, rmap.PackedOffset & ~RmapRecord.Unwritten);
        }

        /// <summary>Offsets grow with blocks only where they mean something: in the mappings of a fork.</summary>
        public override void HighKeyOf(ReadOnlySpan<byte> record, Span<byte> key)
        {
            RmapRecord rmap = RmapRecord.Read(record);
            uint further = rmap.Length - 1;
            ulong offset = rmap.PackedOffset & ~RmapRecord.Unwritten;
            if (rmap.IsInode && !rmap.IsBlockMap)
            {
                offset = (offset & ~RmapRecord.OffsetMask) | ((offset + further) & RmapRecord.OffsetMask);
            }

            Write(key, rmap.Start.Value + further, rmap.Owner, offset);
        }

        private static void Write(Span<byte> key, uint start, ulong owner, ulong offset)
        {
            BinaryPrimitives.WriteUInt32BigEndian(key, start);
            BinaryPrimitives.WriteUInt64BigEndian(key[OwnerAt..], owner);
            BinaryPrimitives.WriteUInt64BigEndian(key[OffsetAt..], offset);
        }
    }
}
