// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>
/// A path from a tree's root to one of its records: at each level a block, and an entry in it. Entry 0 stands before
/// the first, one past the count behind the last. A root that lies in an inode has no block here.
/// </summary>
internal sealed class BtreeCursor(BtreeTree tree)
{
    private readonly EditBuffer?[] _blocks = new EditBuffer?[AgFreeHeader.LevelsMax + 1];
    private readonly int[] _entries = new int[AgFreeHeader.LevelsMax + 1];

    public int Levels { get; set; }

    public BtreeTree Tree => tree;

    public ref int Entry(int level) => ref _entries[level];

    /// <summary>Does this level lie in the inode?</summary>
    public bool IsInline(int level) => level == Levels - 1 && tree.Place.IsInInode;

    public BtreeLayout LayoutAt(int level) => IsInline(level) ? tree.RootLayout : tree.Layout;

    public ReadOnlySpan<byte> Bytes(int level) => IsInline(level) ? tree.Place.InlineRoot : Block(level).Bytes;

    public Span<byte> Edit(int level) => IsInline(level) ? tree.Place.EditInlineRoot() : Block(level).Edit();

    public EditBuffer Block(int level) =>
        _blocks[level] ?? throw new InvalidOperationException("There is no position: look up first.");

    public void SetBlock(int level, EditBuffer? block) => _blocks[level] = block;

    public int Count(int level) => LayoutAt(level).Count(Bytes(level));

    public bool IsAtRecord => Levels > 0 && _entries[0] > 0 && _entries[0] <= Count(0);

    public void Open()
    {
        Levels = tree.RootLevels;
        Array.Clear(_blocks);
        Array.Clear(_entries);
    }

    public void CopyFrom(BtreeCursor other)
    {
        Levels = other.Levels;
        other._blocks.CopyTo(_blocks, 0);
        other._entries.CopyTo(_entries, 0);
    }

    /// <summary>Descends from the root to the record that is sought.</summary>
    public bool Lookup(ReadOnlySpan<byte> key, BtreeSeek seek)
    {
        ulong pointer = tree.Place.Root;
        int order = 1;
        int entry = 0;
        for (int level = Levels - 1; level >= 0; level--)
        {
            Enter(level, pointer);
            int count = Count(level);
            if (count == 0)
            {
                if (Levels > 1) tree.Fail(BlockFault.Wrong("bb_numrecs", "at least 1", "0"));
                _entries[0] = seek == BtreeSeek.LessOrEqual ? 0 : 1;
                return false;
            }

            // Where the key was met in a node, the first entry of all that is below has it.
            if (order == 0) entry = 1;
            else entry = Search(level, count, key, out order);
            if (level == 0) break;
            if (order > 0 && --entry < 1) entry = 1;
            _entries[level] = entry;
            pointer = LayoutAt(level).Pointer(Bytes(level), entry);
        }

        return Settle(entry, order, seek);
    }

    /// <summary>Goes to the next entry of a level. False at the end.</summary>
    public bool Increment(int level)
    {
        if (++_entries[level] <= Count(level)) return true;
        if (IsInline(level) || RightSibling(level) == BtreePlace.NoPointer) return false;
        int up = level + 1;
        while (up < Levels && ++_entries[up] > Count(up)) up++;
        if (up >= Levels)
        {
            if (tree.Place.IsInInode) return false;
            tree.Fail(BlockFault.Bad("bb_rightsib", "a block behind the last"), Block(level));
        }

        EditBuffer left = Block(level);
        Descend(up, level, last: false);
        CheckRising(level, left, Block(level));
        return true;
    }

    /// <summary>Goes to the entry before. False at the beginning.</summary>
    public bool Decrement(int level)
    {
        if (--_entries[level] > 0) return true;
        if (IsInline(level) || LeftSibling(level) == BtreePlace.NoPointer) return false;
        int up = level + 1;
        while (up < Levels && --_entries[up] <= 0) up++;
        if (up >= Levels)
        {
            if (tree.Place.IsInInode) return false;
            tree.Fail(BlockFault.Bad("bb_leftsib", "a block before the first"), Block(level));
        }

        EditBuffer right = Block(level);
        Descend(up, level, last: true);
        CheckRising(level, Block(level), right);
        return true;
    }

    public ulong LeftSibling(int level) => tree.Layout.LeftSibling(Block(level).Bytes);

    public ulong RightSibling(int level) => tree.Layout.RightSibling(Block(level).Bytes);

    /// <summary>Goes to the last entry of the block it is in.</summary>
    public void ToLast(int level) => _entries[level] = Count(level);

    public void ToFirst(int level) => _entries[level] = 1;

    /// <summary>Puts the keys of a level's block into its parent, and on up as far as they make a difference.</summary>
    /// <param name="all">Up to the root, whether or not they differ.</param>
    public void UpdateKeys(int level, bool all = false)
    {
        Span<byte> keys = stackalloc byte[BtreeKind.KeyStrideMax];
        keys = keys[..tree.Format.KeyStride];
        for (; level + 1 < Levels; level++)
        {
            // An empty block has no key; it is about to be joined with a neighbour, if it has one.
            if (Count(level) == 0) return;
            BtreeLayout layout = LayoutAt(level);
            tree.KeysOf(Bytes(level), in layout, keys);
            BtreeLayout parent = LayoutAt(level + 1);
            int entry = _entries[level + 1];
            bool same = parent.Keys(Bytes(level + 1), entry).SequenceEqual(keys);
            if (!same) keys.CopyTo(parent.Keys(Edit(level + 1), entry));
            if (same && !all) return;
            if (!tree.Format.HasHighKeys && entry != 1) return;
        }
    }

    private void Enter(int level, ulong pointer)
    {
        if (!IsInline(level)) _blocks[level] = tree.Read(pointer, level);
    }

    private int Search(int level, int count, ReadOnlySpan<byte> key, out int order)
    {
        BtreeLayout layout = LayoutAt(level);
        ReadOnlySpan<byte> bytes = Bytes(level);
        Span<byte> room = stackalloc byte[BtreeKind.KeyStrideMax];
        int low = 1;
        int high = count;
        int entry = 0;
        order = 1;
        while (low <= high)
        {
            entry = (low + high) >> 1;
            if (level == 0)
            {
                tree.Kind.KeyOf(layout.Record(bytes, entry), room);
                order = tree.Kind.Compare(room[..tree.Format.KeySize], key);
            }
            else
            {
                order = tree.Kind.Compare(layout.Key(bytes, entry), key);
            }

            if (order < 0) low = entry + 1;
            else if (order > 0) high = entry - 1;
            else break;
        }

        return entry;
    }

    private bool Settle(int entry, int order, BtreeSeek seek)
    {
        int count = Count(0);
        if (seek != BtreeSeek.LessOrEqual && order < 0)
        {
            entry++;
            _entries[0] = entry;
            if (seek == BtreeSeek.GreaterOrEqual && entry > count && !IsInline(0)
                && RightSibling(0) != BtreePlace.NoPointer)
            {
                // Increment counts on from the last one.
                _entries[0] = count;
                return Increment(0);
            }
        }
        else if (seek == BtreeSeek.LessOrEqual && order > 0)
        {
            entry--;
        }

        _entries[0] = entry;
        if (entry == 0 || entry > count) return false;
        return seek != BtreeSeek.Equal || order == 0;
    }

    private void Descend(int from, int to, bool last)
    {
        for (int level = from; level > to; level--)
        {
            ulong pointer = LayoutAt(level).Pointer(Bytes(level), _entries[level]);
            EditBuffer below = tree.Read(pointer, level - 1);
            _blocks[level - 1] = below;
            int count = Count(level - 1);
            if (count == 0) tree.Fail(BlockFault.Wrong("bb_numrecs", "at least 1", "0"), below);
            _entries[level - 1] = last ? count : 1;
        }
    }

    /// <summary>Blocks of a level follow each other: without this a tree with a circle in it would not end.</summary>
    private void CheckRising(int level, EditBuffer left, EditBuffer right)
    {
        Span<byte> keys = stackalloc byte[2 * BtreeKind.KeyStrideMax];
        Span<byte> low = keys[..tree.Format.KeySize];
        Span<byte> high = keys.Slice(BtreeKind.KeyStrideMax, tree.Format.KeySize);
        int count = tree.Layout.Count(left.Bytes);
        if (count == 0 || tree.Layout.Count(right.Bytes) == 0) return;
        if (level > 0)
        {
            tree.Layout.Key(left.Bytes, count).CopyTo(low);
            tree.Layout.Key(right.Bytes, 1).CopyTo(high);
        }
        else
        {
            tree.Kind.KeyOf(tree.Layout.Record(left.Bytes, count), low);
            tree.Kind.KeyOf(tree.Layout.Record(right.Bytes, 1), high);
        }

        if (tree.Kind.Compare(low, high) >= 0) tree.Fail(BlockFault.Bad("bb_recs[0]", "out of order"), right);
    }
}
