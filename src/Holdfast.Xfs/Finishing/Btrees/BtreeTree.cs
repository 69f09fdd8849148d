// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>
/// One btree that is being edited: its kind, where it is rooted, and its blocks, each verified when it is first met.
/// Cursors that are needed for a moment are kept and used again.
/// </summary>
internal sealed class BtreeTree(VolumeEditor editor, BtreeKind kind)
{
    private readonly Stack<BtreeCursor> _spare = [];
    private BtreePlace? _place;

    public BtreeKind Kind => kind;

    public BtreeFormat Format => kind.Format;

    public BtreePlace Place => _place ?? throw new InvalidOperationException("No tree is open.");

    /// <summary>Of the tree's blocks.</summary>
    public BtreeLayout Layout { get; } = BtreeLayout.OfBlock(
        kind.Format, editor.Features.IsV5, editor.Geometry.BlockSize);

    /// <summary>Of the root that lies in an inode; means nothing elsewhere.</summary>
    public BtreeLayout RootLayout { get; private set; }

    public void Open(BtreePlace place)
    {
        _place = place;
        if (!place.IsInInode) return;
        BlockFault fault = InlineBtreeRoot.TryOpen(place.InlineRoot, Format, out _);
        if (!fault.IsNone) Fail(fault);
        RootLayout = BtreeLayout.OfInlineRoot(Format, place.InlineRoot.Length);
    }

    /// <summary>Levels as the root has them now.</summary>
    public int RootLevels
    {
        get
        {
            int levels = Place.IsInInode ? RootLayout.Level(Place.InlineRoot) + 1 : Place.Levels;
            if (levels is < 1 or > AgFreeHeader.LevelsMax)
            {
                Fail(BlockFault.Wrong("bb_level", $"1 to {AgFreeHeader.LevelsMax} levels", $"{levels}"));
            }

            return levels;
        }
    }

    /// <summary>A block of the tree, which must be of this level.</summary>
    public EditBuffer Read(ulong pointer, int level)
    {
        (uint ag, AgBlock block) = PlaceOf(pointer);
        EditBuffer buffer = editor.Block(ag, block, BtreeBlock.CrcAt(Format), Format.Word);
        BlockFault fault = buffer.IsVerified
            ? CheckKnown(buffer.Bytes, level)
            : CheckWhole(buffer.Bytes, ag, block, level);
        if (!fault.IsNone) RecoveryFailure.Throw(fault, buffer.Offset, buffer.Bytes.Length, Word);
        buffer.IsVerified = true;
        return buffer;
    }

    /// <summary>An empty block of the tree, its header made.</summary>
    public EditBuffer NewBlock(ulong pointer, int level)
    {
        (uint ag, AgBlock block) = PlaceOf(pointer);
        Geometry geometry = editor.Geometry;
        EditBuffer buffer = editor.NewBuffer(
            geometry.ByteOf(ag, block), geometry.BlockSize, BtreeBlock.CrcAt(Format));
        Span<byte> bytes = buffer.Edit();
        bool hasCrc = editor.Features.IsV5;
        BinaryPrimitives.WriteUInt32BigEndian(
            bytes[BtreeBlock.MagicAt..], hasCrc ? Format.MagicV5 : Format.MagicV4);
        Layout.SetLevel(bytes, level);
        Layout.SetLeftSibling(bytes, BtreePlace.NoPointer);
        Layout.SetRightSibling(bytes, BtreePlace.NoPointer);
        if (!hasCrc) return buffer;
        int addressAt = Format.IsLong ? BtreeBlock.LongV4Size : BtreeBlock.ShortV4Size;
        int uuidAt = Format.IsLong ? BtreeBlock.LongUuidAt : BtreeBlock.ShortUuidAt;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[addressAt..], geometry.DiskAddressOf(ag, block).Value);
        geometry.MetadataUuid.TryWriteBytes(bytes[uuidAt..], bigEndian: true, out _);
        if (Format.IsLong) BinaryPrimitives.WriteUInt64BigEndian(bytes[BtreeBlock.LongOwnerAt..], Place.Owner);
        else BinaryPrimitives.WriteUInt32BigEndian(bytes[BtreeBlock.ShortOwnerAt..], (uint)Place.Owner);
        return buffer;
    }

    /// <summary>The block leaves the tree, and what was in it is forgotten.</summary>
    public void Free(EditBuffer block)
    {
        editor.Forget(block.Offset, editor.Geometry.BlockSize);
        Place.Free(PointerOf(block));
    }

    /// <summary>By what a parent or sibling names the block.</summary>
    public ulong PointerOf(EditBuffer buffer)
    {
        (uint ag, AgBlock block) = editor.Geometry.BlockAt(buffer.Offset);
        return Format.IsLong ? editor.Geometry.FsBlockOf(ag, block).Value : block.Value;
    }

    /// <summary>The low key of a block, and its high key behind it where the kind has one.</summary>
    public void KeysOf(ReadOnlySpan<byte> block, in BtreeLayout layout, Span<byte> keys)
    {
        int level = layout.Level(block);
        int count = layout.Count(block);
        if (level > 0)
        {
            layout.Keys(block, 1).CopyTo(keys);
            if (!Format.HasHighKeys) return;
            Span<byte> greatest = keys.Slice(Format.KeySize, Format.KeySize);
            for (int entry = 2; entry <= count; entry++)
            {
                ReadOnlySpan<byte> high = layout.HighKey(block, entry);
                if (kind.Compare(high, greatest) > 0) high.CopyTo(greatest);
            }

            return;
        }

        kind.KeyOf(layout.Record(block, 1), keys);
        if (Format.HasHighKeys) HighKeyOfLeaf(block, in layout, count, keys[Format.KeySize..]);
    }

    /// <summary>A cursor at the same place, to be given back with <see cref="Return"/>.</summary>
    public BtreeCursor RentCopy(BtreeCursor cursor)
    {
        BtreeCursor copy = _spare.Count > 0 ? _spare.Pop() : new(this);
        copy.CopyFrom(cursor);
        return copy;
    }

    public void Return(BtreeCursor cursor) => _spare.Push(cursor);

    /// <exception cref="RecoveryFailure">Always: the tree contradicts itself.</exception>
    [DoesNotReturn]
    public void Fail(BlockFault fault) => RecoveryFailure.Throw(fault, 0, 0, Word);

    [DoesNotReturn]
    public void Fail(BlockFault fault, EditBuffer block) =>
        RecoveryFailure.Throw(fault, block.Offset, block.Bytes.Length, Word);

    private string Word => Format.IsLong
        ? $"{Format.Word} block of inode {Place.Owner}"
        : $"{Format.Word} block of group {Place.Ag}";

    private void HighKeyOfLeaf(ReadOnlySpan<byte> block, in BtreeLayout layout, int count, Span<byte> greatest)
    {
        greatest = greatest[..Format.KeySize];
        Span<byte> high = stackalloc byte[Format.KeySize];
        kind.HighKeyOf(layout.Record(block, 1), greatest);
        for (int entry = 2; entry <= count; entry++)
        {
            kind.HighKeyOf(layout.Record(block, entry), high);
            if (kind.Compare(high, greatest) > 0) high.CopyTo(greatest);
        }
    }

    private (uint Ag, AgBlock Block) PlaceOf(ulong pointer)
    {
        Geometry geometry = editor.Geometry;
        uint ag = Format.IsLong ? geometry.AgOf(new FsBlock(pointer)) : Place.Ag;
        AgBlock block = Format.IsLong
            ? geometry.AgBlockOf(new FsBlock(pointer))
            : new((uint)Math.Min(pointer, uint.MaxValue));
        if (block.Value == 0 || !geometry.IsValid(ag, block))
        {
            Fail(BlockFault.Bad("bb_ptr", $"block {pointer}"));
        }

        return (ag, block);
    }

    private BlockFault CheckWhole(ReadOnlySpan<byte> bytes, uint ag, AgBlock block, int level)
    {
        BlockIdentity identity = editor.Geometry.IdentityOf(ag, block, Place.Owner);
        BlockFault fault = BtreeBlock.TryOpen(bytes, Format, in identity, level, out BtreeBlock view);
        if (fault.IsNone && !Format.IsLong)
        {
            fault = BtreeOrder.Check(in view, Format, editor.Geometry.BlocksIn(ag), 0, uint.MaxValue);
        }

        return fault.IsNone ? CheckOrder(bytes) : fault;
    }

    /// <summary>Keys rise through a block; searches rest on it.</summary>
    private BlockFault CheckOrder(ReadOnlySpan<byte> bytes)
    {
        int level = Layout.Level(bytes);
        int count = Layout.Count(bytes);
        Span<byte> keys = stackalloc byte[2 * BtreeKind.KeyStrideMax];
        Span<byte> previous = keys[..Format.KeySize];
        Span<byte> key = keys.Slice(BtreeKind.KeyStrideMax, Format.KeySize);
        for (int entry = 1; entry <= count; entry++)
        {
            if (level > 0) Layout.Key(bytes, entry).CopyTo(key);
            else kind.KeyOf(Layout.Record(bytes, entry), key);
            if (entry > 1 && kind.Compare(previous, key) >= 0)
            {
                return BlockFault.Bad($"bb_recs[{entry - 1}]", "out of order");
            }

            key.CopyTo(previous);
        }

        return BlockFault.None;
    }

    /// <summary>The block was verified, but perhaps as another tree's, or in another place of this one.</summary>
    private BlockFault CheckKnown(ReadOnlySpan<byte> bytes, int level)
    {
        bool hasCrc = editor.Features.IsV5;
        uint magic = hasCrc ? Format.MagicV5 : Format.MagicV4;
        if (bytes.U32(BtreeBlock.MagicAt) != magic)
        {
            return BlockFault.WrongHex("bb_magic", magic, bytes.U32(BtreeBlock.MagicAt));
        }

        if (Layout.Level(bytes) != level)
        {
            return BlockFault.Wrong("bb_level", (ulong)level, (ulong)Layout.Level(bytes));
        }

        if (!hasCrc || !Format.IsLong) return BlockFault.None;
        ulong owner = bytes.U64(BtreeBlock.LongOwnerAt);
        return owner == Place.Owner ? BlockFault.None : BlockFault.Wrong("bb_owner", Place.Owner, owner);
    }
}
