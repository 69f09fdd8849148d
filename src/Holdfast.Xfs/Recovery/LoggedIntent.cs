// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;

namespace Holdfast.Xfs.Recovery;

/// <summary>
/// Work that a logged transaction announced and of which the log holds no word that it was done. Numbers are as they
/// were logged: whoever carries an intent out checks them first. Source of the formats: xfs_log_format.h
/// (struct xfs_efi_log_format and its fellows).
/// </summary>
/// <param name="Id">The number that ties the intent to its "done" item.</param>
/// <param name="Lsn">The record that holds the start of the intent's transaction.</param>
public abstract record LoggedIntent(ulong Id, LogSequenceNumber Lsn);

/// <summary>A run of blocks as an intent gives it: a filesystem block, or a block of the realtime device.</summary>
public readonly record struct IntentExtent(ulong Start, uint Length);

/// <summary>EFI: extents to be freed.</summary>
public sealed record ExtentFreeIntent(
    ulong Id, LogSequenceNumber Lsn, bool IsRealtime, IReadOnlyList<IntentExtent> Extents) : LoggedIntent(Id, Lsn);

/// <summary>One change of a reverse map (struct xfs_map_extent).</summary>
/// <param name="Flags">Operation in the low byte, then attribute fork, block map, unwritten
/// (XFS_RMAP_EXTENT_*).</param>
public readonly record struct ReverseMapChange(
    ulong Owner, ulong StartBlock, ulong StartOffset, uint Length, uint Flags);

/// <summary>RUI: reverse maps to be changed.</summary>
public sealed record ReverseMapIntent(
    ulong Id, LogSequenceNumber Lsn, bool IsRealtime, IReadOnlyList<ReverseMapChange> Changes) : LoggedIntent(Id, Lsn);

/// <summary>One change of reference counts (struct xfs_phys_extent).</summary>
/// <param name="Flags">The operation (XFS_REFCOUNT_*): increase, decrease, allocate CoW, free CoW.</param>
public readonly record struct RefcountChange(ulong Start, uint Length, uint Flags);

/// <summary>CUI: reference counts to be changed.</summary>
public sealed record RefcountIntent(
    ulong Id, LogSequenceNumber Lsn, bool IsRealtime, IReadOnlyList<RefcountChange> Changes) : LoggedIntent(Id, Lsn);

/// <summary>One change of a block map (struct xfs_map_extent with an inode for an owner).</summary>
/// <param name="Flags">Operation (map, unmap), attribute fork, unwritten, realtime (XFS_BMAP_EXTENT_*).</param>
public readonly record struct BlockMapChange(
    ulong Inode, ulong StartBlock, ulong StartOffset, uint Length, uint Flags);

/// <summary>BUI: mappings to be put into, or taken out of, a fork.</summary>
public sealed record BlockMapIntent(
    ulong Id, LogSequenceNumber Lsn, IReadOnlyList<BlockMapChange> Changes) : LoggedIntent(Id, Lsn);

/// <summary>ATTRI: an extended attribute, or a parent pointer, to be set, removed or replaced.</summary>
/// <param name="Operation">XFS_ATTRI_OP_FLAGS_*, the type alone.</param>
/// <param name="Filter">The namespace: XFS_ATTR_ROOT, SECURE, PARENT, and INCOMPLETE.</param>
/// <param name="Generation">Of the inode, where the operation is one of a parent pointer; else 0.</param>
/// <param name="NewName">The name that takes the place of the old one in a replacement of parent pointers.</param>
public sealed record AttributeIntent(
    ulong Id, LogSequenceNumber Lsn, ulong Inode, uint Operation, uint Filter, uint Generation,
    ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> NewName, ReadOnlyMemory<byte> Value,
    ReadOnlyMemory<byte> NewValue) : LoggedIntent(Id, Lsn);

/// <summary>XMI: ranges of two files whose mappings change places.</summary>
/// <param name="Flags">XFS_EXCHMAPS_*.</param>
public sealed record ExchangeIntent(
    ulong Id, LogSequenceNumber Lsn, ulong Inode1, ulong Inode2, uint Generation1, uint Generation2,
    ulong StartOffset1, ulong StartOffset2, ulong BlockCount, ulong Flags, long Size1, long Size2)
    : LoggedIntent(Id, Lsn);
