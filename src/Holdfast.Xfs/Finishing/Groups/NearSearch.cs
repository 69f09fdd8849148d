// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Looks for free blocks close to a target in one group. Where what is wanted is long for this group, the last leaf
/// of the cntbt decides; else bnobt, to both sides of the target, and cntbt, by rising length, are searched in turn.
/// </summary>
internal sealed class NearSearch(GroupTrees trees, AllocationAttempt attempt)
{
    private readonly Side _bySize = new(trees.Cntbt(attempt.Header), isByStart: false);
    private readonly Side _left = new(trees.Bnobt(attempt.Header), isByStart: true);
    private readonly Side _right = new(trees.BnobtRight(attempt.Header), isByStart: true);
    private uint _searchLength = attempt.MaxLength;
    private FreeRecord _bestFree;
    private uint _bestStart;
    private uint _bestLength;
    private uint _bestDistance = uint.MaxValue;

    /// <summary>A position in one of the trees; not active where it has nothing more to say.</summary>
    private sealed class Side(BtreeEditor tree, bool isByStart)
    {
        public BtreeEditor Tree => tree;

        public bool IsByStart => isByStart;

        public bool IsActive { get; set; }

        public void Seek(uint start, uint length, BtreeSeek seek)
        {
            Span<byte> key = stackalloc byte[FreeRecord.Size];
            GroupTrees.WriteFree(key, start, length);
            IsActive = tree.Lookup(key, seek);
        }
    }

    /// <summary>A busy part was passed over: without it the search might have found something.</summary>
    public bool MetBusy { get; private set; }

    /// <summary>The free extent that the blocks are in.</summary>
    public FreeRecord Free => _bestFree;

    /// <param name="takeSmaller">Where no extent is as long as wanted: what to do, and whether the position in the
    /// cntbt is now its last record.</param>
    /// <returns>False where nothing was found.</returns>
    public bool Run(Func<BtreeEditor, bool> takeSmaller, out uint start, out uint length)
    {
        start = 0;
        length = 0;
        _bySize.Seek(0, attempt.MaxLength, BtreeSeek.GreaterOrEqual);
        bool isSmaller = !_bySize.IsActive;
        if (isSmaller && !takeSmaller(_bySize.Tree)) return false;
        if (!_bySize.Tree.IsInLastLeaf || !LastLeaf(isSmaller)) Everywhere();
        start = _bestStart;
        length = _bestLength;
        return _bestLength > 0;
    }

    /// <summary>All that is long enough in the cntbt's last leaf.</summary>
    private bool LastLeaf(bool isSmaller)
    {
        if (isSmaller || attempt.Alignment > 1)
        {
            bool isThere = _bySize.Tree.ToFirstInLeaf();
            while (isThere && FreeSpaceEditor.Read(attempt.Header, _bySize.Tree).Length < attempt.MinLength)
            {
                isThere = _bySize.Tree.Next();
            }

            if (!isThere) return false;
        }

        Walk(_bySize, forward: true, untilFound: false, once: false);
        return _bestLength > 0;
    }

    private void Everywhere()
    {
        _bySize.Seek(attempt.Target, _searchLength, BtreeSeek.GreaterOrEqual);
        _left.Seek(attempt.Target, 0, BtreeSeek.LessOrEqual);
        _right.Seek(attempt.Target, 0, BtreeSeek.GreaterOrEqual);
        Side? further = null;
        bool forward = false;
        while (_left.IsActive || _right.IsActive || _bySize.IsActive)
        {
            if (Walk(_left, forward: false, untilFound: true, once: true))
            {
                further = _right;
                forward = true;
                break;
            }

            if (Walk(_right, forward: true, untilFound: true, once: true))
            {
                further = _left;
                break;
            }

            NextLength();
            if (!_bySize.IsActive) break;
        }

        if (!_bySize.IsActive && _bestLength == 0 && !MetBusy && _bySize.Tree.Previous())
        {
            _bySize.IsActive = true;
            further = _bySize;
            forward = false;
        }

        if (further is not null) Walk(further, forward, untilFound: true, once: false);
    }

    /// <summary>The record of the next length, as near the target as that length has one.</summary>
    private void NextLength()
    {
        if (!_bySize.IsActive) return;
        uint searched = _searchLength;
        _bySize.Seek(attempt.Target, searched, BtreeSeek.GreaterOrEqual);
        if (!_bySize.IsActive) return;
        FreeRecord free = FreeSpaceEditor.Read(attempt.Header, _bySize.Tree);
        Check(_bySize);
        _searchLength = free.Length;
        if (free.Start.Value > attempt.Target && _bySize.Tree.Previous()
            && FreeSpaceEditor.Read(attempt.Header, _bySize.Tree).Length == _searchLength)
        {
            Check(_bySize);
        }

        ulong doubled = (ulong)searched << 1;
        if (_bestLength == 0 || _searchLength >= doubled) _searchLength++;
        else _searchLength = (uint)doubled;
    }

    /// <summary>Looks at records in one direction.</summary>
    /// <returns>True where a better place was found.</returns>
    private bool Walk(Side side, bool forward, bool untilFound, bool once)
    {
        bool isFound = false;
        while (side.IsActive)
        {
            if (Check(side))
            {
                isFound = true;
                if (untilFound) break;
            }

            if (!side.IsActive) break;
            bool isThere = forward ? side.Tree.Next() : side.Tree.Previous();
            if (!isThere) side.IsActive = false;
            if (once) break;
        }

        return isFound;
    }

    /// <summary>Is the record at the position better than the best so far?</summary>
    private bool Check(Side side)
    {
        FreeRecord free = FreeSpaceEditor.Read(attempt.Header, side.Tree);
        if (free.Length < attempt.MinLength)
        {
            if (!side.IsByStart) side.IsActive = false;
            return false;
        }

        MetBusy |= attempt.Align(free, out uint start, out uint available);
        if (available < attempt.MinLength) return false;
        uint length = attempt.FixLength(Math.Min(available, attempt.MaxLength));
        if (length < _bestLength) return false;
        if (attempt.Nearest(start, available, length, out uint place) is not { } distance) return false;
        if (distance > _bestDistance)
        {
            if (side.IsByStart) side.IsActive = false;
            return false;
        }

        _bestFree = free;
        _bestStart = place;
        _bestLength = length;
        _bestDistance = distance;
        if (distance == 0 && length == attempt.MaxLength) side.IsActive = false;
        return true;
    }
}
