// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>
/// An allocated inode that can no longer be read, with the paths that lead to it and the device ranges it owned that
/// are now unreachable (bytes of the data device).
/// </summary>
public sealed record LostInode(
    ulong Inode, IReadOnlyList<PathName> Paths, IReadOnlyList<ByteRange> UnreachableRanges, bool RangesKnown);
