// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Enters owners of blocks into a reverse map and takes them out, where no two owners share a block: a record's
/// neighbours are then the ones beside it. See <see cref="SharedReverseMap"/> for the other case.
/// </summary>
internal static class PlainReverseMap
{
    /// <summary>Blocks get an owner; what continues a record beside them is merged with it.</summary>
    public static void Map(RmapTree tree, uint start, uint length, ExtentOwner owner, bool isUnwritten = false)
    {
        RmapRecord added = RmapTree.Record(start, length, owner, isUnwritten);
        bool hasLeft = tree.Find(added, BtreeSeek.LessOrEqual, out RmapRecord left);
        bool hasRight = tree.Editor.Next();
        RmapRecord right = hasRight ? tree.Read() : default;
        hasLeft = hasLeft && RmapTree.IsSameOwner(left, added);
        if (hasLeft && left.End > start) tree.Contradiction(left);
        if (hasRight && added.End > right.Start.Value) tree.Contradiction(right);
        bool joinsLeft = hasLeft && RmapTree.Continues(left, added);
        bool joinsRight = hasRight && RmapTree.IsSameOwner(right, added) && RmapTree.Continues(added, right);
        if (joinsLeft)
        {
            ulong whole = (ulong)left.Length + length;
            if (joinsRight && whole + length + right.Length <= uint.MaxValue)
            {
                whole += right.Length;
                tree.Editor.Delete();
            }

            tree.Editor.Previous();
            tree.Update(left with { Length = (uint)whole });
        }
        else if (joinsRight)
        {
            tree.Update(added with { Length = length + right.Length });
        }
        else
        {
            tree.Insert(added);
        }
    }

    /// <summary>Blocks lose an owner, which must have had all of them.</summary>
    public static void Unmap(RmapTree tree, uint start, uint length, ExtentOwner owner, bool isUnwritten = false)
    {
        RmapRecord gone = RmapTree.Record(start, length, owner, isUnwritten);
        if (!tree.Find(gone, BtreeSeek.LessOrEqual, out RmapRecord left)) tree.Contradiction(gone);
        if (owner.Owner == RmapOwner.Null)
        {
            if (left.End > start) tree.Contradiction(left);
            return;
        }

        if (owner.Owner == RmapOwner.Unknown && left.End <= start)
        {
            // What nobody owned is not in the tree; it must not be in part.
            if (!tree.Editor.Next() || tree.Read().Start.Value >= gone.End) return;
        }

        if (left.Start.Value > start || left.End < gone.End) tree.Contradiction(left);
        CheckOwner(tree, left, gone);
        if (left.Start.Value == start && left.Length == length)
        {
            tree.Editor.Delete();
        }
        else if (left.Start.Value == start)
        {
            tree.Update(RmapTree.Behind(left, length));
        }
        else if (left.End == gone.End)
        {
            tree.Update(left with { Length = left.Length - length });
        }
        else
        {
            uint before = start - left.Start.Value;
            tree.Update(left with { Length = before });
            tree.Editor.Next();
            tree.Insert(RmapTree.Behind(left, before + length));
        }
    }

    /// <summary>A mapping of a data fork becomes written, or unwritten.</summary>
    public static void Convert(RmapTree tree, uint start, uint length, ExtentOwner owner, bool toUnwritten)
    {
        RmapRecord old = RmapTree.Record(start, length, owner, !toUnwritten);
        RmapRecord changed = RmapTree.Record(start, length, owner, toUnwritten);
        if (!tree.Find(old, BtreeSeek.LessOrEqual, out RmapRecord whole)) tree.Contradiction(old);
        CheckOwner(tree, whole, old);
        if (whole.Start.Value > start || whole.End < old.End) tree.Contradiction(whole);
        bool fromStart = whole.Start.Value == start;
        bool toEnd = whole.End == old.End;
        RmapRecord? left = null;
        if (tree.Editor.Previous() && fromStart) left = Mergeable(tree.Read(), changed, isLeft: true);
        tree.Find(old, BtreeSeek.LessOrEqual, out _);
        RmapRecord? right = null;
        if (tree.Editor.Next() && toEnd) right = Mergeable(tree.Read(), changed, isLeft: false);
        if (left is { } l && right is { } r && (ulong)l.Length + length + r.Length > uint.MaxValue) right = null;
        tree.Find(old, BtreeSeek.LessOrEqual, out _);
        if (fromStart && toEnd) ConvertWhole(tree, whole, changed, left, right);
        else if (fromStart) ConvertStart(tree, whole, changed, left);
        else if (toEnd) ConvertEnd(tree, whole, changed, right);
        else ConvertMiddle(tree, whole, changed);
    }

    private static void ConvertWhole(
        RmapTree tree, RmapRecord whole, RmapRecord changed, RmapRecord? left, RmapRecord? right)
    {
        if (right is not null)
        {
            tree.Editor.Next();
            tree.Editor.Delete();
            tree.Editor.Previous();
        }

        uint length = whole.Length + (right?.Length ?? 0);
        if (left is not { } merged)
        {
            tree.Update(changed with { Length = length });
            return;
        }

        tree.Editor.Delete();
        tree.Editor.Previous();
        tree.Update(merged with { Length = merged.Length + length });
    }

    private static void ConvertStart(RmapTree tree, RmapRecord whole, RmapRecord changed, RmapRecord? left)
    {
        tree.Update(RmapTree.Behind(whole, changed.Length));
        if (left is not { } merged)
        {
            tree.Insert(changed);
            return;
        }

        tree.Editor.Previous();
        tree.Update(merged with { Length = merged.Length + changed.Length });
    }

    private static void ConvertEnd(
        RmapTree tree, RmapRecord whole, RmapRecord changed, RmapRecord? right)
    {
        tree.Update(whole with { Length = whole.Length - changed.Length });
        if (right is { } merged)
        {
            tree.Editor.Next();
            tree.Update(changed with { Length = changed.Length + merged.Length });
            return;
        }

        if (tree.Find(changed, BtreeSeek.Equal, out _)) tree.Contradiction(changed);
        tree.Insert(changed);
    }

    private static void ConvertMiddle(RmapTree tree, RmapRecord whole, RmapRecord changed)
    {
        uint before = changed.Start.Value - whole.Start.Value;
        tree.Update(RmapTree.Behind(whole, before + changed.Length));
        tree.Insert(whole with { Length = before });
        if (tree.Find(changed, BtreeSeek.Equal, out _)) tree.Contradiction(changed);
        tree.Insert(changed);
    }

    private static RmapRecord? Mergeable(RmapRecord neighbour, RmapRecord changed, bool isLeft)
    {
        bool continues = isLeft ? RmapTree.Continues(neighbour, changed) : RmapTree.Continues(changed, neighbour);
        return continues && RmapTree.IsSameOwner(neighbour, changed) ? neighbour : null;
    }

    /// <summary>Does the record really say what is to be taken out of it?</summary>
    private static void CheckOwner(RmapTree tree, RmapRecord record, RmapRecord gone)
    {
        if (gone.Owner == RmapOwner.Unknown) return;
        bool isRight = record.Owner == gone.Owner && record.IsUnwritten == gone.IsUnwritten;
        if (isRight && gone.IsInode)
        {
            isRight = gone.IsBlockMap
                ? record.IsBlockMap
                : record.Offset.Value <= gone.Offset.Value
                    && gone.Offset.Value + gone.Length <= record.Offset.Value + record.Length;
        }

        if (!isRight) tree.Contradiction(record);
    }
}
