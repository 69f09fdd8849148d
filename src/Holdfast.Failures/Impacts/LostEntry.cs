// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>
/// A directory entry that cannot be found any more. Name is known from the child's parent pointer; an orphan that no
/// surviving entry names has none.
/// </summary>
/// <param name="IsCertain">
/// False where the orphan may have been in another damaged directory: only directories know their parent.
/// </param>
public sealed record LostEntry(ulong Inode, string? FileType, PathName? Name, bool IsCertain = true);
