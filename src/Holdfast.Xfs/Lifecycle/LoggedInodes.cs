// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>Counts the inodes whose last changes are in the log and nowhere else.</summary>
internal sealed class LoggedInodes : IRecoveryObserver
{
    private readonly HashSet<ulong> _seen = [];

    public int Count => _seen.Count;

    public void Item(int pass, LogTransaction transaction, LogItem item)
    {
    }

    public void Reordered(int pass, LogTransaction transaction, LogItem item, bool toHead)
    {
    }

    public void Buffer(BufferVerdict verdict, in BufferItem buffer)
    {
    }

    public void Inode(InodeVerdict verdict, in InodeItem inode)
    {
        if (verdict == InodeVerdict.Recovered) _seen.Add(inode.Inode.Value);
    }

    public void InodeCreate(InodeVerdict verdict, in InodeCreateItem create)
    {
    }
}
