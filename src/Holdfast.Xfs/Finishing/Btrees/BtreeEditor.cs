// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>
/// A position in a btree, and changes made there, with the kernel's rules for when blocks give entries to their
/// neighbours, split and join: trees come out as the kernel's would, block by block. Every block is verified when it
/// is first met. Records and keys are given as they lie on disk. One editor can be aimed at one tree after another.
/// </summary>
internal sealed class BtreeEditor
{
    private readonly BtreeTree _tree;
    private readonly BtreeCursor _cursor;

    public BtreeEditor(VolumeEditor editor, BtreeFormat format)
    {
        _tree = new(editor, BtreeKind.Of(format));
        _cursor = new(_tree);
    }

    public BtreeFormat Format => _tree.Format;

    /// <summary>Records that a leaf block holds.</summary>
    public int LeafRecordsMax => _tree.Layout.RecordsMax;

    /// <summary>Children that a node block holds.</summary>
    public int ChildrenMax => _tree.Layout.ChildrenMax;

    public int Levels => _cursor.Levels;

    /// <summary>Is there a record at the position?</summary>
    public bool IsAtRecord => _cursor.IsAtRecord;

    /// <summary>The record at the position; valid until the tree is changed.</summary>
    public ReadOnlySpan<byte> Record
    {
        get
        {
            BtreeLayout layout = _cursor.LayoutAt(0);
            return layout.Record(_cursor.Bytes(0), _cursor.Entry(0));
        }
    }

    /// <summary>Is the position in the last leaf of the tree?</summary>
    public bool IsInLastLeaf => _cursor.IsInline(0) || _cursor.RightSibling(0) == BtreePlace.NoPointer;

    /// <summary>Aims the editor at a tree. There is no position until a lookup. To be called anew in each
    /// step, and where another editor has changed the tree.</summary>
    public void Open(BtreePlace place)
    {
        _tree.Open(place);
        _cursor.Open();
    }

    /// <summary>Goes to a record.</summary>
    /// <param name="key">A key of the tree, as on disk.</param>
    /// <returns>False where there is no such record.</returns>
    public bool Lookup(ReadOnlySpan<byte> key, BtreeSeek seek) => _cursor.Lookup(key, seek);

    /// <summary>Goes to the next record. False at the end.</summary>
    public bool Next() => _cursor.Increment(0);

    /// <summary>Goes to the record before. False at the beginning.</summary>
    public bool Previous() => _cursor.Decrement(0);

    /// <summary>Goes to the first record of the leaf that the position is in. False where it is empty.</summary>
    public bool ToFirstInLeaf()
    {
        _cursor.ToFirst(0);
        return IsAtRecord;
    }

    /// <summary>Puts another record in the place of the one at the position; the order must not change.</summary>
    public void Update(ReadOnlySpan<byte> record)
    {
        if (!IsAtRecord) _tree.Fail(BlockFault.Bad("bb_ptr", "no record to update"));
        BtreeLayout layout = _cursor.LayoutAt(0);
        record.CopyTo(layout.Record(_cursor.Edit(0), _cursor.Entry(0)));
        if (Format.HasHighKeys || _cursor.Entry(0) == 1) _cursor.UpdateKeys(0);
    }

    /// <summary>
    /// Inserts before the record at the position, which is where a lookup with <see cref="BtreeSeek.Equal"/> for the
    /// record's key left it. Afterwards the position is unknown: look up again.
    /// </summary>
    public void Insert(ReadOnlySpan<byte> record) => BtreeInsertion.Insert(_cursor, record);

    /// <summary>Deletes the record at the position, which is then at the record after it.</summary>
    public void Delete() => BtreeDeletion.Delete(_cursor);

    /// <summary>
    /// Visits the records that can overlap a range of keys, in order: in a tree with high keys those that start
    /// before the range and reach into it among them. The position is unknown afterwards.
    /// </summary>
    /// <param name="visit">Returns false to end the visit; must not change the tree.</param>
    public void Query(ReadOnlySpan<byte> lowKey, ReadOnlySpan<byte> highKey, BtreeVisit visit) =>
        BtreeQuery.Run(_cursor, lowKey, highKey, visit);
}
