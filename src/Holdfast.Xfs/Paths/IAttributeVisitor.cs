// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Paths;

/// <summary>Takes the extended attributes of one inode. Implemented by structs.</summary>
internal interface IAttributeVisitor
{
    void Attribute(in AttributeEntry attribute);

    /// <summary>
    /// A block of the attribute tree could not be believed (the fault is reported). The names lost have hashes from
    /// <paramref name="lowHash"/> to <paramref name="highHash"/>, both inclusive.
    /// </summary>
    void Lost(FileBlock block, uint lowHash, uint highHash);
}
