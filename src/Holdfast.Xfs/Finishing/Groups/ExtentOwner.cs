// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>Whose a run of blocks is, as the reverse map says it.</summary>
/// <param name="Owner">An inode number, or one of <see cref="RmapOwner"/>.</param>
/// <param name="Offset">The block offset in the fork where the run begins; 0 for what is no mapping.</param>
/// <param name="IsAttributeFork">The run is of the attribute fork.</param>
/// <param name="IsBlockMap">The run holds the fork's block map, not what the fork maps.</param>
internal readonly record struct ExtentOwner(ulong Owner, ulong Offset, bool IsAttributeFork, bool IsBlockMap)
{
    /// <summary>bnobt, cntbt, rmapbt and free list.</summary>
    public static ExtentOwner Ag { get; } = new(RmapOwner.Ag, 0, false, false);

    /// <summary>inobt and finobt.</summary>
    public static ExtentOwner InodeBtree { get; } = new(RmapOwner.InodeBtree, 0, false, false);

    /// <summary>Inode chunks.</summary>
    public static ExtentOwner Inodes { get; } = new(RmapOwner.Inodes, 0, false, false);

    /// <summary>refcountbt.</summary>
    public static ExtentOwner Refcount { get; } = new(RmapOwner.Refcount, 0, false, false);

    /// <summary>Blocks staged for copy-on-write.</summary>
    public static ExtentOwner Cow { get; } = new(RmapOwner.Cow, 0, false, false);

    public static ExtentOwner Mapping(InodeNumber inode, ForkKind fork, FileBlock offset) =>
        new(inode.Value, offset.Value, fork == ForkKind.Attribute, false);

    public static ExtentOwner BlockMap(InodeNumber inode, ForkKind fork) =>
        new(inode.Value, 0, fork == ForkKind.Attribute, true);

    public bool IsInode => (long)Owner >= 0;

    /// <summary>Offset and flags as a record of the rmapbt keeps them.</summary>
    internal ulong PackedOffset => (Offset & RmapRecord.OffsetMask)
        | (IsAttributeFork ? RmapRecord.AttributeFork : 0)
        | (IsBlockMap ? RmapRecord.BlockMap : 0);
}
