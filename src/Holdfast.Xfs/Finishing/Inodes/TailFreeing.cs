// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Inodes;

/// <summary>
/// Recovery holds the inodes that open intents name in memory, and when it lets go of them they go the way of every
/// inode that nobody needs any more: blocks that were preallocated behind the end of a file are freed. Files that an
/// application asked to have preallocated keep theirs.
/// </summary>
internal sealed class TailFreeing(FinishContext context)
{
    private const ushort KeepsTail = Inode.FlagPreallocated | Inode.FlagAppendOnly;

    private readonly List<Fault> _faults = [];

    /// <summary>Files that could not be read or changed, and why.</summary>
    public IReadOnlyList<Fault> Faults => _faults;

    public void Run(IReadOnlyList<LoggedIntent> intents, CancellationToken cancellationToken)
    {
        var inodes = new Dictionary<ulong, bool>();
        foreach ((ulong inode, bool readsMap) in intents.SelectMany(InodesOf))
        {
            inodes[inode] = readsMap || inodes.GetValueOrDefault(inode);
        }

        foreach ((ulong inode, bool readsMap) in inodes.Reverse())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Free(new(inode), readsMap, cancellationToken);
            }
            catch (RecoveryFailure failure)
            {
                context.Editor.Rollback();
                context.Deferred.Clear();
                _faults.Add(failure.Fault);
            }
        }
    }

    /// <summary>Inodes that an intent names, and whether it needs their block map: one that is a btree is not read
    /// only to see what lies behind the end.</summary>
    private static IEnumerable<(ulong Inode, bool ReadsMap)> InodesOf(LoggedIntent intent) => intent switch
    {
        BlockMapIntent map => map.Changes.Select(change => (change.Inode, true)),
        ExchangeIntent exchange => [(exchange.Inode1, true), (exchange.Inode2, true)],
        AttributeIntent attribute => [(attribute.Inode, false)],
        _ => [],
    };

    private void Free(InodeNumber number, bool readsMap, CancellationToken cancellationToken)
    {
        // An intent that names no inode was given up when it was its turn.
        if (!context.Geometry.IsValid(number)) return;
        InodeEditor inode = context.Forks.Open(number);
        if (inode.Links == 0 || inode.Type != FileType.Regular || inode.Size == 0 || inode.IsRealtime) return;
        if ((inode.Flags & KeepsTail) != 0 || (inode.Flags2 & Inode.Flag2Metadata) != 0) return;
        ForkFormat format = inode.FormatOf(ForkKind.Data);
        if (format != ForkFormat.Extents && !(readsMap && format == ForkFormat.Btree)) return;
        ulong end = ((ulong)inode.Size + (ulong)context.Geometry.BlockSize - 1) >> context.Geometry.BlockLog;
        if (context.Forks.EndOf(inode, ForkKind.Data).Value <= end) return;
        context.Forks.Truncate(inode, ForkKind.Data, new(end), cancellationToken);
    }
}
