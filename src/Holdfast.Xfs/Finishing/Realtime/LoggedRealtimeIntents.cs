// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>Turns logged EFIs, RUIs and CUIs of the realtime device into work, if all of an intent could be
/// meant.</summary>
internal sealed class LoggedRealtimeIntents(RealtimeSpace space, Geometry geometry)
{
    private readonly LoggedGroupIntents _forms = new(geometry);

    private bool HasGroups => geometry.RealtimeGroupCount > 0;

    public List<DeferredOperation> Of(ExtentFreeIntent intent)
    {
        if (!HasGroups) Fail("efi_format");
        var operations = new List<DeferredOperation>();
        foreach (IntentExtent extent in intent.Extents)
        {
            (RealtimeGroup group, uint start) = space.Place(extent.Start, extent.Length);
            operations.Add(new RealtimeExtentFreeOperation(group, start, extent.Length));
        }

        return operations;
    }

    public List<DeferredOperation> Of(ReverseMapIntent intent)
    {
        if (!HasGroups) Fail("rui_format");
        var operations = new List<DeferredOperation>();
        foreach (ReverseMapChange change in intent.Changes)
        {
            if (!_forms.IsWellFormed(change)) Fail("rui_extents");
            (RealtimeGroup group, uint start) = space.Place(change.StartBlock, change.Length);
            operations.Add(new RealtimeReverseMapOperation(
                LoggedGroupIntents.ActionOf(change), group, start, change.Length, LoggedGroupIntents.OwnerOf(change),
                LoggedGroupIntents.IsUnwritten(change)));
        }

        return operations;
    }

    public List<DeferredOperation> Of(RefcountIntent intent)
    {
        if (!HasGroups) Fail("cui_format");
        var operations = new List<DeferredOperation>();
        foreach (RefcountChange change in intent.Changes)
        {
            if (!_forms.IsWellFormed(change)) Fail("cui_extents");
            (RealtimeGroup group, uint start) = space.Place(change.Start, change.Length);
            operations.Add(new RealtimeRefcountOperation(
                LoggedGroupIntents.ActionOf(change), group, start, change.Length));
        }

        return operations;
    }

    [DoesNotReturn]
    private static void Fail(string field) => RecoveryFailure.Throw(
        BlockFault.Bad(field, "nothing that a realtime device has"), 0, 0, "logged intent");
}
