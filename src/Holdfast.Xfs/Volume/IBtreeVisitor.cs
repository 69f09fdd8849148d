// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// What a walk of a group's btree is for. Implemented by structs, so that the walk is compiled for each and pays no
/// virtual call per block.
/// </summary>
internal interface IBtreeVisitor
{
    /// <summary>
    /// Is there anything to look for between these keys? Group blocks (or group-relative inodes), both inclusive;
    /// <paramref name="high"/> is the greatest that any record below can reach.
    /// </summary>
    bool Wants(uint low, uint high);

    /// <summary>A block belongs to the tree: its parent says so. It may not be read at all.</summary>
    void Block(AgBlock block, int level);

    /// <summary>A verified leaf.</summary>
    void Leaf(in BtreeBlock leaf);

    /// <summary>
    /// A block could not be believed (the fault is already reported): what lies between these keys is not known.
    /// </summary>
    void Lost(AgBlock block, int level, uint low, uint high);
}
