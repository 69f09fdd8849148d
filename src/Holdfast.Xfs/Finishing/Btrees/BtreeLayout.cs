// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>
/// Where things lie in a btree block, or in a root that lies in an inode, for writing. Entries (records of a leaf;
/// keys and pointers of a node) are counted from 1, as a cursor counts them: 0 is "before the first".
/// </summary>
internal readonly struct BtreeLayout
{
    private readonly int _levelAt;
    private readonly int _countAt;
    private readonly int _bodyAt;
    private readonly int _pointersAt;

    private BtreeLayout(BtreeFormat format, int levelAt, int countAt, int bodyAt, int bodySize, int childrenMax)
    {
        Format = format;
        _levelAt = levelAt;
        _countAt = countAt;
        _bodyAt = bodyAt;
        RecordsMax = bodySize / format.RecordSize;
        ChildrenMax = childrenMax;
        _pointersAt = bodyAt + childrenMax * format.KeyStride;
    }

    public BtreeFormat Format { get; }

    public int RecordsMax { get; }

    public int ChildrenMax { get; }

    public static BtreeLayout OfBlock(BtreeFormat format, bool hasCrc, int blockSize)
    {
        int headerSize = BtreeBlock.HeaderSize(format, hasCrc);
        int bodySize = blockSize - headerSize;
        return new(
            format, BtreeBlock.LevelAt, BtreeBlock.CountAt, headerSize, bodySize,
            BtreeBlock.ChildrenMax(bodySize, format));
    }

    public static BtreeLayout OfInlineRoot(BtreeFormat format, int room)
    {
        int bodySize = room - InlineBtreeRoot.HeaderSize;
        return new(
            format, InlineBtreeRoot.LevelAt, InlineBtreeRoot.CountAt, InlineBtreeRoot.HeaderSize, bodySize,
            InlineBtreeRoot.ChildrenMax(bodySize, format));
    }

    public int EntriesMax(int level) => level == 0 ? RecordsMax : ChildrenMax;

    /// <summary>With fewer entries a block is joined with a neighbour, if it can be.</summary>
    public int EntriesMin(int level) => EntriesMax(level) / 2;

    public int Level(ReadOnlySpan<byte> block) => block.U16(_levelAt);

    public void SetLevel(Span<byte> block, int level) =>
        BinaryPrimitives.WriteUInt16BigEndian(block[_levelAt..], (ushort)level);

    public int Count(ReadOnlySpan<byte> block) => block.U16(_countAt);

    public void SetCount(Span<byte> block, int count) =>
        BinaryPrimitives.WriteUInt16BigEndian(block[_countAt..], (ushort)count);

    public ReadOnlySpan<byte> Record(ReadOnlySpan<byte> block, int entry) =>
        block.Slice(RecordAt(entry), Format.RecordSize);

    public Span<byte> Record(Span<byte> block, int entry) => block.Slice(RecordAt(entry), Format.RecordSize);

    /// <summary>The low key alone.</summary>
    public ReadOnlySpan<byte> Key(ReadOnlySpan<byte> block, int entry) => block.Slice(KeyAt(entry), Format.KeySize);

    public ReadOnlySpan<byte> HighKey(ReadOnlySpan<byte> block, int entry) =>
        block.Slice(KeyAt(entry) + Format.KeySize, Format.KeySize);

    /// <summary>The key, and the high key behind it where the kind has one.</summary>
    public ReadOnlySpan<byte> Keys(ReadOnlySpan<byte> block, int entry) =>
        block.Slice(KeyAt(entry), Format.KeyStride);

    public Span<byte> Keys(Span<byte> block, int entry) => block.Slice(KeyAt(entry), Format.KeyStride);

    public ulong Pointer(ReadOnlySpan<byte> block, int entry) => ReadPointer(block, PointerAt(entry));

    public void SetPointer(Span<byte> block, int entry, ulong pointer) =>
        WritePointer(block, PointerAt(entry), pointer);

    public ulong LeftSibling(ReadOnlySpan<byte> block) => ReadPointer(block, BtreeBlock.LeftSiblingAt);

    public ulong RightSibling(ReadOnlySpan<byte> block) =>
        ReadPointer(block, BtreeBlock.LeftSiblingAt + Format.PointerSize);

    public void SetLeftSibling(Span<byte> block, ulong pointer) =>
        WritePointer(block, BtreeBlock.LeftSiblingAt, pointer);

    public void SetRightSibling(Span<byte> block, ulong pointer) =>
        WritePointer(block, BtreeBlock.LeftSiblingAt + Format.PointerSize, pointer);

    /// <summary>Moves entries within a block, from one position to another.</summary>
    public void Move(Span<byte> block, int level, int from, int to, int count)
    {
        if (count > 0) Copy(block, from, this, block, to, level, count);
    }

    /// <summary>Copies entries to another block; the layouts differ where one is in an inode.</summary>
    public void Copy(
        ReadOnlySpan<byte> source, int from, in BtreeLayout other, Span<byte> target, int to, int level, int count)
    {
        if (level == 0)
        {
            source.Slice(RecordAt(from), count * Format.RecordSize).CopyTo(target[other.RecordAt(to)..]);
            return;
        }

        source.Slice(KeyAt(from), count * Format.KeyStride).CopyTo(target[other.KeyAt(to)..]);
        source.Slice(PointerAt(from), count * Format.PointerSize).CopyTo(target[other.PointerAt(to)..]);
    }

    private int RecordAt(int entry) => _bodyAt + (entry - 1) * Format.RecordSize;

    private int KeyAt(int entry) => _bodyAt + (entry - 1) * Format.KeyStride;

    private int PointerAt(int entry) => _pointersAt + (entry - 1) * Format.PointerSize;

    /// <summary>"None" is all ones in either width.</summary>
    private ulong ReadPointer(ReadOnlySpan<byte> block, int at)
    {
        if (Format.IsLong) return block.U64(at);
        uint pointer = block.U32(at);
        return pointer == uint.MaxValue ? BtreePlace.NoPointer : pointer;
    }

    private void WritePointer(Span<byte> block, int at, ulong pointer)
    {
        if (Format.IsLong) BinaryPrimitives.WriteUInt64BigEndian(block[at..], pointer);
        else BinaryPrimitives.WriteUInt32BigEndian(block[at..], (uint)pointer);
    }
}
