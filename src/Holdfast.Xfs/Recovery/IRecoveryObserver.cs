// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery;

/// <summary>What became of a logged buffer.</summary>
internal enum BufferVerdict
{
    /// <summary>First pass: nothing to remember.</summary>
    NotCancelled,

    /// <summary>First pass: its first cancellation.</summary>
    CancelAdded,

    /// <summary>First pass: cancelled once more.</summary>
    CancelCounted,

    /// <summary>Not replayed: it was freed later.</summary>
    Cancelled,

    /// <summary>To be replayed, if what is on disk is not newer.</summary>
    Recovered,

    /// <summary>What is on disk is as new or newer.</summary>
    Skipped,

    /// <summary>The links of unlinked inodes are replayed.</summary>
    InodeBuffer,

    DquotBuffer,
    RegularBuffer,
}

/// <summary>What became of a logged inode, or of a chunk of new inodes.</summary>
internal enum InodeVerdict
{
    Cancelled,
    Recovered,
    Skipped,
}

/// <summary>
/// Is told what replay does, item by item, in the order and with the content of the kernel's tracepoints
/// (<c>xfs_log_recover_*</c>).
/// </summary>
internal interface IRecoveryObserver
{
    /// <summary>
    /// An item is about to be looked at. The second pass names up to a hundred, and each of them again when its turn
    /// comes.
    /// </summary>
    void Item(int pass, LogTransaction transaction, LogItem item);

    /// <summary>An item changed its place in the transaction (L9).</summary>
    /// <param name="toHead">It is a cancellation; else it is no buffer.</param>
    void Reordered(int pass, LogTransaction transaction, LogItem item, bool toHead);

    void Buffer(BufferVerdict verdict, in BufferItem buffer);

    void Inode(InodeVerdict verdict, in InodeItem inode);

    void InodeCreate(InodeVerdict verdict, in InodeCreateItem create);
}
