// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Inodes;

/// <summary>
/// Recovery holds the inodes that open intents name in memory, and when it lets go of them they go the way of every
/// inode that nobody needs any more: blocks behind the end of a file are freed, for they are taken to be preallocated.
/// Files that an application asked to have preallocated keep theirs. The end is where it was when recovery first saw
/// the inode: the kernel (6.18) does not notice that an exchange of mappings has moved it.
/// </summary>
internal sealed class TailFreeing
{
    private const ushort KeepsTail = Inode.FlagPreallocated | Inode.FlagAppendOnly;

    private readonly FinishContext _context;
    private readonly Dictionary<ulong, bool> _inodes = [];
    private readonly Dictionary<ulong, ulong> _ends = [];
    private readonly Dictionary<ulong, ulong> _freed = [];
    private readonly List<Fault> _faults = [];

    /// <summary>To be made before the intents are carried out.</summary>
    public TailFreeing(FinishContext context, IReadOnlyList<LoggedIntent> intents)
    {
        _context = context;
        foreach ((ulong inode, bool readsMap) in intents.SelectMany(InodesOf))
        {
            _inodes[inode] = readsMap || _inodes.GetValueOrDefault(inode);
            if (!_ends.ContainsKey(inode) && TryFindEnd(new(inode), out ulong end)) _ends.Add(inode, end);
        }
    }

    /// <summary>Files that could not be changed, and why.</summary>
    public IReadOnlyList<Fault> Faults => _faults;

    /// <summary>By inode, the file block from which on nothing is left.</summary>
    public IReadOnlyDictionary<ulong, ulong> Freed => _freed;

    public void Run(CancellationToken cancellationToken)
    {
        foreach ((ulong inode, ulong end) in _ends.Reverse())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Free(new(inode), end, _inodes[inode], cancellationToken);
            }
            catch (RecoveryFailure failure)
            {
                _context.Editor.Rollback();
                _context.Deferred.Clear();
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

    /// <summary>False for what has no such end, and for what cannot be read: its intent will say so.</summary>
    private bool TryFindEnd(InodeNumber number, out ulong end)
    {
        end = 0;
        if (!_context.Geometry.IsValid(number)) return false;
        try
        {
            InodeEditor inode = _context.Forks.Open(number);
            end = ((ulong)inode.Size + (ulong)_context.Geometry.BlockSize - 1) >> _context.Geometry.BlockLog;
            return inode.Links != 0 && inode.Type == FileType.Regular && inode.Size > 0 && !inode.IsRealtime
                && (inode.Flags & KeepsTail) == 0 && (inode.Flags2 & Inode.Flag2Metadata) == 0;
        }
        catch (RecoveryFailure)
        {
            return false;
        }
    }

    private void Free(InodeNumber number, ulong end, bool readsMap, CancellationToken cancellationToken)
    {
        InodeEditor inode = _context.Forks.Open(number);
        ForkFormat format = inode.FormatOf(ForkKind.Data);
        if (format != ForkFormat.Extents && !(readsMap && format == ForkFormat.Btree)) return;
        if (_context.Forks.EndOf(inode, ForkKind.Data).Value <= end) return;
        _context.Forks.Truncate(inode, ForkKind.Data, new(end), cancellationToken);
        _freed.Add(number.Value, end);
    }
}
