// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>What a walk of a fork's block map is for. Implemented by structs.</summary>
internal interface IExtentVisitor
{
    /// <summary>
    /// Is there anything to look for in these file blocks, below a block of the map at <paramref name="level"/> (0: a
    /// leaf)? <paramref name="end"/> is exclusive.
    /// </summary>
    bool Wants(int level, ulong first, ulong end);

    /// <summary>One mapping, verified: in order and on the device.</summary>
    void Extent(in ExtentRecord extent);

    /// <summary>A block of the block map itself, and the file blocks behind it.</summary>
    void MapBlock(FsBlock block, int level, ulong first, ulong end);

    /// <summary>A block of the block map could not be believed (the fault is reported): these file blocks lost their
    /// mapping.</summary>
    void Lost(FsBlock block, ulong first, ulong end);
}
