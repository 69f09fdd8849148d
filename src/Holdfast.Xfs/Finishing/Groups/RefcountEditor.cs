// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Changes of a group's refcountbt: how many files map a block, where more than one does, and which blocks are staged
/// for copy-on-write. A block that no file maps any more is freed in a step of its own.
/// </summary>
internal sealed class RefcountEditor(GroupSpace space, GroupTrees trees, FreeListSize levels)
{
    private readonly BtreeEditor _editor = new(trees.Editor, BtreeFormat.Refcountbt);
    private readonly Dictionary<uint, RefcountPlace> _places = [];
    private readonly RefcountLimit _limit = new(trees.Editor.Geometry, levels);
    private long _step = -1;
    private int _changes;
    private int _shapes;

    public RefcountTree Open(GroupHeader header)
    {
        if (!_places.TryGetValue(header.Ag, out RefcountPlace? place))
        {
            _places[header.Ag] = place = new(header, space);
        }

        _editor.Open(place);
        return new(header, _editor);
    }

    /// <summary>One more, or one less, owner for blocks, as far as one transaction goes.</summary>
    /// <param name="start">On return where the rest begins.</param>
    /// <param name="length">On return what is left to do.</param>
    /// <param name="change">1 or -1.</param>
    public void Adjust(GroupHeader header, ref uint start, ref uint length, int change)
    {
        if (_step != trees.Editor.StepsDone)
        {
            _step = trees.Editor.StepsDone;
            _changes = 0;
            _shapes = 0;
        }

        RefcountTree tree = Open(header);
        var merge = new RefcountMerge(tree, isCow: false, change);
        bool changesShape = merge.Cut(start);
        changesShape |= merge.Cut(start + length);
        changesShape |= merge.Merge(ref start, ref length);
        if (changesShape) _shapes++;
        if (length > 0) AdjustRecords(tree, ref start, ref length, change);
    }

    /// <summary>Blocks are staged for copy-on-write.</summary>
    public void StageCow(GroupHeader header, uint start, uint length)
    {
        RefcountTree tree = Open(header);
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
    public void UnstageCow(GroupHeader header, uint start, uint length)
    {
        RefcountTree tree = Open(header);
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
        while (length > 0 && _limit.HasRoom(_changes, _shapes))
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
                if (length == 0 || !_limit.HasRoom(_changes, _shapes)) break;
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

    private void Free(RefcountTree tree, uint start, uint length) => space.DeferFree(
        trees.Editor.Geometry.FsBlockOf(tree.Header.Ag, new(start)), length, owner: null);
}
