// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>A fork whose mappings are in a btree (bmbt).</summary>
internal sealed class BtreeForkMap : ForkMap
{
    private readonly BtreeEditor _bmbt;
    private readonly byte[] _record = new byte[ExtentRecord.Size];

    /// <param name="bmbt">Aimed at the fork from now on, and not to be used for another until the step's change of
    /// this one is made.</param>
    public BtreeForkMap(FinishContext context, InodeEditor inode, ForkKind fork, BtreeEditor bmbt)
        : base(context, inode, fork)
    {
        _bmbt = bmbt;
        _bmbt.Open(new BmbtPlace(context, inode, fork));
    }

    public override ulong Count => Inode.ExtentsOf(Fork);

    private ForkExtent Current => ForkExtent.Read(_bmbt.Record);

    public override ForkExtent? AtOrAfter(ulong offset)
    {
        if (Seek(offset, BtreeSeek.LessOrEqual) && Current.OffsetEnd > offset) return Current;
        return _bmbt.Next() ? Current : null;
    }

    public override ForkExtent? Before(ulong end) =>
        end > 0 && Seek(end - 1, BtreeSeek.LessOrEqual) ? Current : null;

    public override void Replace(in ForkExtent known, in ForkExtent changed)
    {
        Find(known);
        Update(changed);
    }

    public override void Insert(in ForkExtent added)
    {
        if (Seek(added.Offset.Value, BtreeSeek.Equal))
        {
            Inode.Fail(BlockFault.Bad("br_startoff", $"a mapping at {added.Offset} already"));
        }

        Add(added);
    }

    public override void Delete(in ForkExtent known)
    {
        Find(known);
        _bmbt.Delete();
        Inode.SetExtents(Fork, Count - 1);
    }

    public override void SplitAddingTail(in ForkExtent known, in ForkExtent head, in ForkExtent tail)
    {
        Find(known);
        Update(head);
        // Where the first was the last of its leaf, the second goes to the front of the next one: no new lookup.
        _bmbt.Next();
        Add(tail);
    }

    public override void SplitAddingHead(in ForkExtent known, in ForkExtent head, in ForkExtent tail)
    {
        Find(known);
        Update(tail);
        Add(head);
    }

    public override void Finish()
    {
        if (Count <= (ulong)InlineMax) BmbtConversion.ToExtents(Context, Inode, Fork, _bmbt);
    }

    private void Update(in ForkExtent changed)
    {
        changed.Write(_record);
        _bmbt.Update(_record);
    }

    private void Add(in ForkExtent added)
    {
        added.Write(_record);
        _bmbt.Insert(_record);
        Inode.SetExtents(Fork, Count + 1);
    }

    private void Find(in ForkExtent known)
    {
        if (!Seek(known.Offset.Value, BtreeSeek.Equal) || Current != known) FailUnknown(known);
    }

    private bool Seek(ulong offset, BtreeSeek seek)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, offset);
        return _bmbt.Lookup(key, seek);
    }
}
