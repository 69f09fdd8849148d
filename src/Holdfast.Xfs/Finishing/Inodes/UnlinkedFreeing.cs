// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Inodes;

/// <summary>
/// Frees the inodes that were unlinked while open, as a mount does after a dirty log (L20, L21): group by group, list
/// by list, from the head of each on. A list that cannot be followed is emptied, and its inodes leak.
/// </summary>
internal sealed class UnlinkedFreeing(FinishContext context)
{
    private readonly Inactivation _inactivation = new(context);
    private readonly HashSet<ulong> _visited = [];
    private readonly List<Fault> _faults = [];

    /// <summary>Inodes that were freed.</summary>
    public int Freed { get; private set; }

    /// <summary>Lists that were given up, and why.</summary>
    public IReadOnlyList<Fault> Faults => _faults;

    public void Run(CancellationToken cancellationToken)
    {
        for (uint ag = 0; ag < context.Geometry.AgCount; ag++)
        {
            var header = new InodeHeader(context.Editor, ag);
            for (int bucket = 0; bucket < AgInodeHeader.UnlinkedBuckets; bucket++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    while (header.Unlinked(bucket) != AgInodeHeader.NullInode)
                    {
                        FreeFirst(header, bucket, cancellationToken);
                    }
                }
                catch (RecoveryFailure failure)
                {
                    _faults.Add(failure.Fault);
                    if (!TryEmpty(header, bucket)) break;
                }
            }
        }
    }

    private void FreeFirst(InodeHeader header, int bucket, CancellationToken cancellationToken)
    {
        uint agInode = header.Unlinked(bucket);
        InodeNumber number = context.Geometry.InodeOf(header.Ag, agInode);
        if (agInode % AgInodeHeader.UnlinkedBuckets != bucket || !_visited.Add(number.Value))
        {
            Fail(number, BlockFault.Bad("di_next_unlinked", $"inode {number} in list {bucket}"));
        }

        InodeEditor inode = context.Forks.Open(number);
        if (inode.Links != 0) Fail(number, BlockFault.Wrong("di_nlink", 0, inode.Links));
        _inactivation.Run(header, bucket, inode, cancellationToken);
        Freed++;
    }

    /// <returns>False where not even the AGI can be had.</returns>
    private bool TryEmpty(InodeHeader header, int bucket)
    {
        context.Editor.Rollback();
        context.Deferred.Clear();
        try
        {
            header.SetUnlinked(bucket, AgInodeHeader.NullInode);
            context.Editor.Commit();
            return true;
        }
        catch (RecoveryFailure)
        {
            context.Editor.Rollback();
            return false;
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void Fail(InodeNumber number, BlockFault fault)
    {
        bool isPlace = context.Geometry.IsValid(number);
        RecoveryFailure.Throw(
            fault, isPlace ? context.Geometry.ByteOf(number) : 0, context.Geometry.InodeSize, $"inode {number}");
    }
}
