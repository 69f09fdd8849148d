// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>One allocation group: its headers as far as they can be believed.</summary>
public sealed class AllocationGroup
{
    internal AllocationGroup(uint number, uint blocks)
    {
        Number = number;
        Blocks = blocks;
    }

    public uint Number { get; }

    /// <summary>Filesystem blocks in this group.</summary>
    public uint Blocks { get; }

    /// <summary>Null where the AGF cannot be believed.</summary>
    public AgFreeHeader? Free { get; internal init; }

    /// <summary>Null where the AGI cannot be believed.</summary>
    public AgInodeHeader? Inodes { get; internal init; }

    public BlockFault FreeFault { get; internal init; }

    public BlockFault InodesFault { get; internal init; }
}
