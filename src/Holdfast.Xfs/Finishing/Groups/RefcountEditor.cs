// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Changes of refcountbts: how many files map a block, where more than one does, and which blocks are staged for
/// copy-on-write. A block that no file maps any more is freed in a step of its own.
/// </summary>
internal sealed class RefcountEditor(VolumeEditor editor, BtreeFormat format, RefcountLimit limit)
{
    private readonly BtreeEditor _editor = new(editor, format);
    private long _step = -1;
    private int _changes;
    private int _shapes;

    public RefcountTree Open(IRefcountGroup group)
    {
        _editor.Open(group.Refcounts);
        return new(group, _editor);
    }

    /// <summary>What a CUI asks for, as far as one transaction goes.</summary>
    /// <param name="start">On return where the rest begins.</param>
    /// <param name="length">On return what is left to do.</param>
    public void Change(RefcountAction action, IRefcountGroup group, ref uint start, ref uint length)
    {
        switch (action)
        {
            case RefcountAction.Increase:
                Adjust(group, ref start, ref length, change: 1);
                break;
            case RefcountAction.Decrease:
                Adjust(group, ref start, ref length, change: -1);
                break;
            case RefcountAction.AllocateCow:
                StageCow(group, start, length);
                length = 0;
                break;
            default:
                UnstageCow(group, start, length);
                length = 0;
                break;
        }
    }

    /// <summary>One more, or one less, owner for blocks, as far as one transaction goes.</summary>
    /// <param name="start">On return where the rest begins.</param>
    /// <param name="length">On return what is left to do.</param>
    /// <param name="change">1 or -1.</param>
    private void Adjust(IRefcountGroup group, ref uint start, ref uint length, int change)
    {
        if (_step != editor.StepsDone)
        {
            _step = editor.StepsDone;
            _changes = 0;
            _shapes = 0;
        }

        RefcountTree tree = Open(group);
        var merge = new RefcountMerge(tree, isCow: false, change);
        bool changesShape = merge.Cut(start);
        changesShape |= merge.Cut(start + length);
        changesShape |= merge.Merge(ref start, ref length);
        if (changesShape) _shapes++;
        if (length > 0) AdjustRecords(tree, ref start, ref length, change);
    }

    /// <summary>Blocks are staged for copy-on-write.</summary>
    private void StageCow(IRefcountGroup group, uint start, uint length)
    {
        RefcountTree tree = Open(group);
        Prepare(tree, ref start, ref length, change: 0);
        if (length == 0) return;
        if (tree.Find(isCow: true, start, BtreeSeek.GreaterOrEqual))
        {
            RefcountRecord next = tree.Read();
            if ((ulong)start + length > next.Start.Value) tree.Contradiction(next);
        }

        tree.Insert(new(new(start), length, 1, IsCow: true));
    }

    /// <summary>Blocks are staged no longer; they must have been, all of them.</summary>
    private void UnstageCow(IRefcountGroup group, uint start, uint length)
    {
        RefcountTree tree = Open(group);
        Prepare(tree, ref start, ref length, change: -1);
        if (length == 0) return;
        var gone = new RefcountRecord(new(start), length, 1, IsCow: true);
        if (!tree.Find(isCow: true, start, BtreeSeek.GreaterOrEqual)) tree.Contradiction(gone);
        if (tree.Read() != gone) tree.Contradiction(gone);
        tree.Delete();
    }

    private static void Prepare(RefcountTree tree, ref uint start, ref uint length, int change)
    {
        var merge = new RefcountMerge(tree, isCow: true, change);
        merge.Cut(start);
        merge.Cut(start + length);
        merge.Merge(ref start, ref length);
    }

    private void AdjustRecords(RefcountTree tree, ref uint start, ref uint length, int change)
    {
        bool isThere = tree.Find(isCow: false, start, BtreeSeek.GreaterOrEqual);
        while (length > 0 && limit.HasRoom(_changes, _shapes))
        {
            RefcountRecord? next = isThere && tree.IsAtRecord ? tree.Read() : null;
            if (next is { IsCow: true }) next = null;
            if (next is not { } there || there.Start.Value != start)
            {
                // Blocks with one owner have no record.
                uint hole = next is { } behind ? Math.Min(length, behind.Start.Value - start) : length;
                AdjustHole(tree, start, hole, change);
                start += hole;
                length -= hole;
                if (length == 0 || !limit.HasRoom(_changes, _shapes)) break;
                isThere = tree.Find(isCow: false, start, BtreeSeek.GreaterOrEqual);
                continue;
            }

            if (there.Length > length) tree.Contradiction(there);
            isThere = AdjustRecord(tree, there, change);
            start += there.Length;
            length -= there.Length;
        }
    }

    private void AdjustHole(RefcountTree tree, uint start, uint length, int change)
    {
        _changes++;
        if (change > 0) tree.Insert(new(new(start), length, (uint)(1 + change), IsCow: false));
        else Free(tree, start, length);
    }

    /// <returns>Is there a record behind?</returns>
    private bool AdjustRecord(RefcountTree tree, RefcountRecord record, int change)
    {
        // A count that has reached its end stays there: how many owners there are is no longer known.
        if (record.Count == uint.MaxValue) return tree.Next();
        _changes++;
        uint count = (uint)(record.Count + change);
        if (count == 1)
        {
            tree.Delete();
            return tree.IsAtRecord;
        }

        if (count == 0) Free(tree, record.Start.Value, record.Length);
        else tree.Update(record with { Count = count });
        return tree.Next();
    }

    private static void Free(RefcountTree tree, uint start, uint length) => tree.Group.FreeLater(start, length);
}
