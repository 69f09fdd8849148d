// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Inodes;

/// <summary>
/// What happens to an unlinked inode when nobody has it open any more: its data, its attributes, then the inode itself
/// are freed, in steps of their own.
/// </summary>
internal sealed class Inactivation(FinishContext context)
{
    private const ulong BigTimeFlag = 1ul << 3;

    private readonly InodeFreeing _freeing = new(context);

    /// <param name="header">Of the inode's group.</param>
    /// <param name="bucket">The list that it is the first of.</param>
    /// <exception cref="RecoveryFailure">A step cannot be done: it is taken back, those before it stay.</exception>
    public void Run(InodeHeader header, int bucket, InodeEditor inode, CancellationToken cancellationToken)
    {
        FreeData(inode, cancellationToken);
        context.Deferred.FinishAll(context, cancellationToken);
        if (inode.HasAttributeFork)
        {
            context.Attributes.FreeFork(inode);
            context.Editor.Commit();
            context.Deferred.FinishAll(context, cancellationToken);
        }

        FreeInode(header, bucket, inode);
        context.Editor.Commit();
        context.Deferred.FinishAll(context, cancellationToken);
    }

    /// <summary>A directory is empty before it can be unlinked, but its blocks can have outlived its last
    /// name.</summary>
    private void FreeData(InodeEditor inode, CancellationToken cancellationToken)
    {
        bool isMapped = inode.FormatOf(ForkKind.Data) is ForkFormat.Extents or ForkFormat.Btree
            && inode.Type is FileType.Regular or FileType.Directory or FileType.Symlink;
        if (!isMapped || (inode.Size == 0 && inode.ExtentsOf(ForkKind.Data) == 0)) return;
        inode.Size = 0;
        context.Forks.Truncate(inode, ForkKind.Data, new(0), cancellationToken);
        context.Editor.Commit();
    }

    private void FreeInode(InodeHeader header, int bucket, InodeEditor inode)
    {
        uint agInode = context.Geometry.AgInodeOf(inode.Number);
        header.SetUnlinked(bucket, inode.NextUnlinked);
        inode.NextUnlinked = AgInodeHeader.NullInode;
        inode.Links = 0;
        inode.Mode = 0;
        inode.Flags = 0;
        inode.SetExtents(ForkKind.Data, 0);
        inode.SetExtents(ForkKind.Attribute, 0);
        if (inode.Version == 3)
        {
            inode.Flags2 = (context.Features.BigTime ? BigTimeFlag : 0)
                | (context.Features.LargeExtentCounts ? Inode.Flag2LargeExtentCounts : 0);
        }

        inode.SetFormat(ForkKind.Data, ForkFormat.Extents);
        inode.SetFormat(ForkKind.Attribute, ForkFormat.Extents);
        inode.ForkOffset = 0;
        inode.Generation = unchecked(inode.Generation + 1);
        _freeing.Free(header, agInode);
    }
}
