// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Groups;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>One change of a realtime group's reverse map, as a RUI of the realtime device announces it.</summary>
internal sealed class RealtimeReverseMapOperation(
    ReverseMapAction action, RealtimeGroup group, uint start, uint length, ExtentOwner owner, bool isUnwritten)
    : DeferredOperation
{
    public override DeferredKind Kind => DeferredKind.RealtimeReverseMap;

    public override ulong Order => group.Number;

    public override bool Step(FinishContext context)
    {
        RmapTree tree = context.Realtime.OpenReverseMap(group);
        ReverseMapEditor.Change(action, tree, start, length, owner, isUnwritten);
        return true;
    }
}
