// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Changes of a reverse map for data forks of files that may share blocks: records of several owners lie over each
/// other, so that an owner's neighbouring record need not be the one beside.
/// </summary>
internal static class SharedReverseMap
{
    public static void Map(RmapTree tree, uint start, uint length, ExtentOwner owner, bool isUnwritten)
    {
        RmapRecord added = RmapTree.Record(start, length, owner, isUnwritten);
        RmapRecord? left = LeftOf(tree, added);
        RmapRecord? right = RightOf(tree, added);
        if (left is { } before)
        {
            uint whole = before.Length + length;
            if (right is { } behind)
            {
                whole += behind.Length;
                tree.Remove(behind);
            }

            tree.Change(before, before with { Length = whole });
        }
        else if (right is { } behind)
        {
            tree.Remove(behind);
            tree.Add(added with { Length = length + behind.Length });
        }
        else
        {
            tree.Add(added);
        }
    }

    public static void Unmap(RmapTree tree, uint start, uint length, ExtentOwner owner, bool isUnwritten)
    {
        RmapRecord gone = RmapTree.Record(start, length, owner, isUnwritten);
        RmapRecord whole = Over(tree, gone);
        uint before = start - whole.Start.Value;
        bool fromStart = before == 0;
        bool toEnd = whole.End == gone.End;
        if (fromStart) tree.Remove(whole);
        else tree.Change(whole, whole with { Length = before });
        if (!toEnd) tree.Add(RmapTree.Behind(whole, before + length));
    }

    public static void Convert(RmapTree tree, uint start, uint length, ExtentOwner owner, bool toUnwritten)
    {
        RmapRecord old = RmapTree.Record(start, length, owner, !toUnwritten);
        RmapRecord changed = RmapTree.Record(start, length, owner, toUnwritten);
        RmapRecord whole = Over(tree, old);
        bool fromStart = whole.Start.Value == start;
        bool toEnd = whole.End == old.End;
        RmapRecord? left = fromStart ? LeftOf(tree, changed) : null;
        RmapRecord? right = toEnd ? RightOf(tree, changed) : null;
        if (left is { } l && right is { } r && (ulong)l.Length + length + r.Length > uint.MaxValue) right = null;
        if (fromStart && toEnd) ConvertWhole(tree, whole, changed, left, right);
        else if (fromStart) ConvertStart(tree, whole, changed, left);
        else if (toEnd) ConvertEnd(tree, whole, changed, right);
        else ConvertMiddle(tree, whole, changed);
    }

    private static void ConvertWhole(
        RmapTree tree, RmapRecord whole, RmapRecord changed, RmapRecord? left, RmapRecord? right)
    {
        if (right is { } behind) tree.Remove(behind);
        uint length = whole.Length + (right?.Length ?? 0);
        if (left is not { } before)
        {
            tree.Change(whole, changed with { Length = length });
            return;
        }

        tree.Remove(whole);
        tree.Change(before, before with { Length = before.Length + length });
    }

    private static void ConvertStart(RmapTree tree, RmapRecord whole, RmapRecord changed, RmapRecord? left)
    {
        tree.Remove(whole);
        tree.Add(RmapTree.Behind(whole, changed.Length));
        if (left is { } before) tree.Change(before, before with { Length = before.Length + changed.Length });
        else tree.Add(changed);
    }

    private static void ConvertEnd(RmapTree tree, RmapRecord whole, RmapRecord changed, RmapRecord? right)
    {
        tree.Change(whole, whole with { Length = whole.Length - changed.Length });
        if (right is { } behind)
        {
            tree.Remove(behind);
            tree.Add(changed with { Length = changed.Length + behind.Length });
        }
        else
        {
            tree.Add(changed);
        }
    }

    private static void ConvertMiddle(RmapTree tree, RmapRecord whole, RmapRecord changed)
    {
        uint before = changed.Start.Value - whole.Start.Value;
        tree.Add(RmapTree.Behind(whole, before + changed.Length));
        tree.Change(whole, whole with { Length = before });
        tree.Add(changed);
    }

    /// <summary>The owner's record that ends where this one begins, if they merge.</summary>
    private static RmapRecord? LeftOf(RmapTree tree, RmapRecord record)
    {
        ulong offset = record.Offset.Value;
        if (record.Start.Value == 0 || offset == 0) return null;
        bool Ends(RmapRecord left) =>
            left.Owner == record.Owner && (!RmapTree.HasOffset(left) || left.Offset.Value + left.Length == offset);
        RmapRecord? found = tree.Find(record, BtreeSeek.LessOrEqual, out RmapRecord beside) && Ends(beside)
            ? beside
            : tree.FirstOver(record.Start.Value - 1, record with { PackedOffset = record.PackedOffset - 1 }, Ends);
        return found is { } left && RmapTree.IsSameOwner(left, record) && RmapTree.Continues(left, record)
            ? left
            : null;
    }

    /// <summary>The owner's record that begins where this one ends, if they merge.</summary>
    private static RmapRecord? RightOf(RmapTree tree, RmapRecord record)
    {
        RmapRecord behind = record with
        {
            Start = new((uint)record.End), PackedOffset = record.PackedOffset + record.Length,
        };
        return tree.Find(behind, BtreeSeek.Equal, out RmapRecord right) && RmapTree.IsSameOwner(right, record)
            && RmapTree.Continues(record, right)
            ? right
            : null;
    }

    /// <summary>The owner's record that has all of this in it.</summary>
    private static RmapRecord Over(RmapTree tree, RmapRecord part)
    {
        ulong offset = part.Offset.Value;
        bool Holds(RmapRecord record) =>
            record.Owner == part.Owner
            && (!RmapTree.HasOffset(record)
                || (record.Offset.Value <= offset && offset < record.Offset.Value + record.Length));
        RmapRecord? found = tree.Find(part, BtreeSeek.LessOrEqual, out RmapRecord beside) && Holds(beside)
            ? beside
            : tree.FirstOver(part.Start.Value, part, Holds);
        if (found is null) tree.Contradiction(part);
        RmapRecord whole = found.Value;
        bool isRight = whole.Start.Value <= part.Start.Value && whole.End >= part.End
            && whole.IsUnwritten == part.IsUnwritten && whole.Offset.Value <= offset;
        if (!isRight) tree.Contradiction(whole);
        return whole;
    }
}
