// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>Fields that count a fork's mappings, and their wide form (nrext64).</summary>
internal static class ExtentCounts
{
    private const ulong DataMax = int.MaxValue;
    private const ulong AttributeMax = (ulong)short.MaxValue;

    /// <summary>So many mappings more must be countable: an inode whose fields are too small gets wide ones.</summary>
    public static void Extend(FinishContext context, InodeEditor inode, ForkKind fork, ulong more)
    {
        if (IsWide(inode)) return;
        ulong countMax = fork == ForkKind.Data ? DataMax : AttributeMax;
        ulong count = inode.ExtentsOf(fork) + more;
        if (count <= countMax) return;
        if (!context.Features.LargeExtentCounts) inode.Fail(BlockFault.OutOfBounds("di_nextents", count, countMax));
        Widen(context, inode);
    }

    /// <summary>Gives the inode the wide fields, if the filesystem has them.</summary>
    public static void Widen(FinishContext context, InodeEditor inode)
    {
        if (!context.Features.LargeExtentCounts || IsWide(inode)) return;
        ulong data = inode.ExtentsOf(ForkKind.Data);
        ulong attributes = inode.ExtentsOf(ForkKind.Attribute);
        inode.SetExtents(ForkKind.Attribute, 0);
        inode.Flags2 |= Inode.Flag2LargeExtentCounts;
        inode.SetExtents(ForkKind.Data, data);
        inode.SetExtents(ForkKind.Attribute, attributes);
    }

    private static bool IsWide(InodeEditor inode) => (inode.Flags2 & Inode.Flag2LargeExtentCounts) != 0;
}
