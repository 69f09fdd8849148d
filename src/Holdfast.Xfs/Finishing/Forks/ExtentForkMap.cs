// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>A fork whose mappings are listed in the inode.</summary>
internal sealed class ExtentForkMap : ForkMap
{
    private readonly List<ForkExtent> _extents;
    private bool _isChanged;

    public ExtentForkMap(FinishContext context, InodeEditor inode, ForkKind fork)
        : base(context, inode, fork)
    {
        ulong count = inode.ExtentsOf(fork);
        if (count > (ulong)InlineMax) inode.Fail(BlockFault.OutOfBounds("di_nextents", count, (ulong)InlineMax));
        _extents = new((int)count + 1);
        ReadOnlySpan<byte> area = inode.Fork(fork);
        for (int i = 0; i < (int)count; i++) _extents.Add(ForkExtent.Read(area[(i * ExtentRecord.Size)..]));
    }

    public override ulong Count => (ulong)_extents.Count;

    public override ForkExtent? AtOrAfter(ulong offset)
    {
        foreach (ForkExtent extent in _extents)
        {
            if (extent.OffsetEnd > offset) return extent;
        }

        return null;
    }

    public override ForkExtent? Before(ulong end)
    {
        for (int i = _extents.Count - 1; i >= 0; i--)
        {
            if (_extents[i].Offset.Value < end) return _extents[i];
        }

        return null;
    }

    public override void Replace(in ForkExtent known, in ForkExtent changed) => _extents[Find(known)] = changed;

    public override void Insert(in ForkExtent added)
    {
        int at = 0;
        while (at < _extents.Count && _extents[at].Offset.Value < added.Offset.Value) at++;
        _extents.Insert(at, added);
        _isChanged = true;
    }

    public override void Delete(in ForkExtent known) => _extents.RemoveAt(Find(known));

    public override void SplitAddingTail(in ForkExtent known, in ForkExtent head, in ForkExtent tail)
    {
        int at = Find(known);
        _extents[at] = head;
        _extents.Insert(at + 1, tail);
    }

    public override void SplitAddingHead(in ForkExtent known, in ForkExtent head, in ForkExtent tail) =>
        SplitAddingTail(known, head, tail);

    public override void Finish()
    {
        if (!_isChanged) return;
        if (_extents.Count > InlineMax) BmbtConversion.ToBtree(Context, Inode, Fork, _extents);
        else WriteList(Inode, Fork, _extents);
        _isChanged = false;
    }

    public static void WriteList(InodeEditor inode, ForkKind fork, List<ForkExtent> extents)
    {
        Span<byte> area = inode.EditFork(fork);
        area.Clear();
        for (int i = 0; i < extents.Count; i++) extents[i].Write(area[(i * ExtentRecord.Size)..]);
        inode.SetExtents(fork, (ulong)extents.Count);
    }

    private int Find(in ForkExtent known)
    {
        int at = _extents.IndexOf(known);
        if (at < 0) FailUnknown(known);
        _isChanged = true;
        return at;
    }
}
