// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>Blocks that one reverse map, or one btree of reference counts, speaks of: a group, or a realtime
/// group.</summary>
internal interface IBlockGroup
{
    uint Blocks { get; }

    /// <exception cref="RecoveryFailure">Always: the group's btrees contradict what is to be done.</exception>
    [DoesNotReturn]
    void Fail(BlockFault fault);
}
