// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Prepares a range for a change of its reference counts: records are cut at its ends, and what will have the same
/// count as a neighbour after the change is given to that neighbour already.
/// </summary>
internal readonly struct RefcountMerge(RefcountTree tree, bool isCow, int change)
{
    /// <summary>Cuts the record that a block lies inside of.</summary>
    /// <returns>Was there one?</returns>
    public bool Cut(uint at)
    {
        if (!tree.Find(isCow, at, BtreeSeek.LessOrEqual)) return false;
        RefcountRecord record = tree.Read();
        uint end = record.Start.Value + record.Length;
        if (record.IsCow != isCow || record.Start.Value == at || end <= at) return false;
        tree.Update(record with { Start = new(at), Length = end - at });
        tree.Insert(record with { Length = at - record.Start.Value });
        return true;
    }

    /// <summary>Takes from the range what merges with a neighbour.</summary>
    /// <returns>Did anything?</returns>
    public bool Merge(ref uint start, ref uint length)
    {
        RefcountRecord? left = null;
        RefcountRecord? right = null;
        RefcountRecord first = default;
        RefcountRecord last = default;
        if (LeftOf(start) is { } before)
        {
            left = before;
            first = FirstIn(start, length);
        }

        if (RightOf(start + length) is { } behind)
        {
            right = behind;
            last = LastIn(start, length, behind);
        }

        if (left is null && right is null) return false;
        bool isOne = left is not null && right is not null && first.Start == last.Start && first.Length == last.Length;
        if (isOne && Fits(left!.Value, first, right!.Value.Length) && Fits(right.Value, first, left.Value.Length))
        {
            MergeAll(left.Value, first, right.Value);
            length = 0;
            return true;
        }

        bool changed = false;
        if (left is { } l && Fits(l, first, 0))
        {
            MergeLeft(l, first);
            start += first.Length;
            length -= first.Length;
            changed = true;
            if (isOne) return true;
        }

        if (right is { } r && length >= last.Length && Fits(r, last, 0))
        {
            MergeRight(r, last);
            length -= last.Length;
            changed = true;
        }

        return changed;
    }

    /// <summary>The record that ends where the range begins.</summary>
    private RefcountRecord? LeftOf(uint start)
    {
        if (start == 0 || !tree.Find(isCow, start - 1, BtreeSeek.LessOrEqual)) return null;
        RefcountRecord record = tree.Read();
        return record.IsCow == isCow && record.Start.Value + record.Length == start ? record : null;
    }

    /// <summary>What the range begins with: a record, or blocks with one owner that have none. The position is at the
    /// record before.</summary>
    private RefcountRecord FirstIn(uint start, uint length)
    {
        var hole = new RefcountRecord(new(start), length, 1, isCow);
        if (!tree.Next()) return hole;
        RefcountRecord record = tree.Read();
        if (record.IsCow != isCow) return hole;
        return record.Start.Value == start
            ? record
            : hole with { Length = Math.Min(length, record.Start.Value - start) };
    }

    /// <summary>The record that begins where the range ends.</summary>
    private RefcountRecord? RightOf(uint end)
    {
        if (!tree.Find(isCow, end, BtreeSeek.GreaterOrEqual)) return null;
        RefcountRecord record = tree.Read();
        return record.IsCow == isCow && record.Start.Value == end ? record : null;
    }

    /// <summary>What the range ends with. The position is at the record behind.</summary>
    private RefcountRecord LastIn(uint start, uint length, RefcountRecord right)
    {
        var hole = new RefcountRecord(new(start), length, 1, isCow);
        if (!tree.Previous()) return hole;
        RefcountRecord record = tree.Read();
        if (record.IsCow != isCow) return hole;
        uint end = record.Start.Value + record.Length;
        if (end == right.Start.Value) return record;
        uint from = Math.Max(start, end);
        return hole with { Start = new(from), Length = right.Start.Value - from };
    }

    /// <summary>Will the part have the neighbour's count, and is the whole not too long?</summary>
    private bool Fits(RefcountRecord neighbour, RefcountRecord part, uint further)
    {
        uint count = part.Count == uint.MaxValue ? part.Count : (uint)(part.Count + change);
        return neighbour.Count == count && (ulong)neighbour.Length + part.Length + further < uint.MaxValue;
    }

    private void MergeAll(RefcountRecord left, RefcountRecord middle, RefcountRecord right)
    {
        if (!tree.Find(isCow, middle.Start.Value, BtreeSeek.GreaterOrEqual)) tree.Contradiction(middle);
        tree.Delete();
        if (middle.Count > 1) tree.Delete();
        if (!tree.Find(isCow, left.Start.Value, BtreeSeek.LessOrEqual)) tree.Contradiction(left);
        tree.Update(left with { Length = left.Length + middle.Length + right.Length });
    }

    private void MergeLeft(RefcountRecord left, RefcountRecord first)
    {
        if (first.Count > 1) Remove(first);
        if (!tree.Find(isCow, left.Start.Value, BtreeSeek.LessOrEqual)) tree.Contradiction(left);
        tree.Update(left with { Length = left.Length + first.Length });
    }

    private void MergeRight(RefcountRecord right, RefcountRecord last)
    {
        if (last.Count > 1) Remove(last);
        if (!tree.Find(isCow, right.Start.Value, BtreeSeek.LessOrEqual)) tree.Contradiction(right);
        tree.Update(right with
        {
            Start = new(right.Start.Value - last.Length), Length = right.Length + last.Length,
        });
    }

    private void Remove(RefcountRecord record)
    {
        if (!tree.Find(isCow, record.Start.Value, BtreeSeek.LessOrEqual)) tree.Contradiction(record);
        tree.Delete();
    }
}
