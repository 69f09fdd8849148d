// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Paths;

/// <summary>Takes the entries of one directory. Implemented by structs.</summary>
internal interface IDirectoryVisitor
{
    /// <summary>An entry, "." and ".." left out.</summary>
    void Entry(in DirectoryEntry entry);
}
