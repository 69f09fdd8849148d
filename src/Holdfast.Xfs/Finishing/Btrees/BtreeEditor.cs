// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Btrees;

/// <summary>
/// A position in a btree, and changes made there, with the kernel's rules for when blocks give entries to their
/// neighbours, split and join: trees come out as the kernel's would, block by block. Every block is verified when it
/// is first met. Records and keys are given as they lie on disk. One editor can be aimed at one tree after another.
/// </summary>
internal sealed class BtreeEditor(VolumeEditor editor, BtreeFormat format)
{
    public BtreeFormat Format => format;

    /// <summary>Aims the editor at a tree. There is no position until a lookup. To be called anew in each
    /// step.</summary>
    public void Open(BtreePlace place) => throw new NotImplementedException(editor.ToString() + place);

    public int Levels => throw new NotImplementedException();

    /// <summary>Goes to a record.</summary>
    /// <param name="key">A key of the tree, as on disk.</param>
    /// <returns>False where there is no such record.</returns>
    public bool Lookup(ReadOnlySpan<byte> key, BtreeSeek seek) => throw new NotImplementedException();

    /// <summary>Goes to the next record. False at the end.</summary>
    public bool Next() => throw new NotImplementedException();

    /// <summary>Goes to the record before. False at the beginning.</summary>
    public bool Previous() => throw new NotImplementedException();

    /// <summary>Is there a record at the position?</summary>
    public bool IsAtRecord => throw new NotImplementedException();

    /// <summary>The record at the position; valid until the tree is changed.</summary>
    public ReadOnlySpan<byte> Record => throw new NotImplementedException();

    /// <summary>Puts another record in the place of the one at the position; the order must not change.</summary>
    public void Update(ReadOnlySpan<byte> record) => throw new NotImplementedException();

    /// <summary>
    /// Inserts before the record at the position, which is where a lookup with <see cref="BtreeSeek.Equal"/> for the
    /// record's key left it. Afterwards the position is unknown: look up again.
    /// </summary>
    public void Insert(ReadOnlySpan<byte> record) => throw new NotImplementedException();

    /// <summary>Deletes the record at the position, which is then at the record after it.</summary>
    public void Delete() => throw new NotImplementedException();
}
