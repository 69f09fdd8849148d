// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>What a RUI does. Source of the values: xfs_log_format.h (XFS_RMAP_EXTENT_*).</summary>
internal enum ReverseMapAction
{
    Map = 1,
    MapShared = 2,
    Unmap = 3,
    UnmapShared = 4,
    Convert = 5,
    ConvertShared = 6,
    Allocate = 7,
    Free = 8,
}

/// <summary>One change of a group's reverse map, as a RUI announces it.</summary>
internal sealed class ReverseMapOperation(
    ReverseMapAction action, uint ag, AgBlock start, uint length, ExtentOwner owner, bool isUnwritten)
    : DeferredOperation
{
    public override DeferredKind Kind => DeferredKind.ReverseMap;

    public override ulong Order => ag;

    public override bool Step(FinishContext context)
    {
        context.Groups.ChangeReverseMap(action, ag, start, length, owner, isUnwritten);
        return true;
    }
}
