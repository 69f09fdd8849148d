// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>
/// A directory entry that cannot be found any more. Name is known from the child's parent pointer; an orphan that no
/// surviving entry names has none.
/// </summary>
public sealed record LostEntry(ulong Inode, string? FileType, PathName? Name);
