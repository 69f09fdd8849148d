// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Turns logged EFIs, RUIs and CUIs into work, if all of an intent could be meant: a mount fails at the first that
/// could not.
/// </summary>
internal sealed class LoggedGroupIntents(Geometry geometry)
{
    private const uint ActionMask = 0xff;
    private const uint AttributeForkFlag = 1u << 31;
    private const uint BlockMapFlag = 1u << 30;
    private const uint UnwrittenFlag = 1u << 29;
    private const uint ReverseMapFlags = ActionMask | AttributeForkFlag | BlockMapFlag | UnwrittenFlag;

    /// <summary>The last block of a file that can be mapped, and one more.</summary>
    private const ulong FileBlocksMax = 1ul << 54;

    /// <summary>The log does not say whose the blocks were: whatever the reverse map has of them goes.</summary>
    private static readonly ExtentOwner Unknown = new(RmapOwner.Unknown, 0, false, false);

    public List<DeferredOperation> Of(ExtentFreeIntent intent)
    {
        var operations = new List<DeferredOperation>();
        foreach (IntentExtent extent in intent.Extents)
        {
            if (!IsExtent(extent.Start, extent.Length)) Fail("efi_extents", extent.Start, extent.Length);
            (uint ag, AgBlock start) = Place(extent.Start);
            operations.Add(new ExtentFreeOperation(ag, start, extent.Length, Unknown, BlockReservation.None));
        }

        return operations;
    }

    public List<DeferredOperation> Of(ReverseMapIntent intent)
    {
        var operations = new List<DeferredOperation>();
        foreach (ReverseMapChange change in intent.Changes)
        {
            bool isSound = IsWellFormed(change) && IsExtent(change.StartBlock, change.Length);
            if (!isSound) Fail("rui_extents", change.StartBlock, change.Length);
            (uint ag, AgBlock start) = Place(change.StartBlock);
            operations.Add(new ReverseMapOperation(
                ActionOf(change), ag, start, change.Length, OwnerOf(change), IsUnwritten(change)));
        }

        return operations;
    }

    public List<DeferredOperation> Of(RefcountIntent intent)
    {
        var operations = new List<DeferredOperation>();
        foreach (RefcountChange change in intent.Changes)
        {
            bool isSound = IsWellFormed(change) && IsExtent(change.Start, change.Length);
            if (!isSound) Fail("cui_extents", change.Start, change.Length);
            (uint ag, AgBlock start) = Place(change.Start);
            operations.Add(new RefcountOperation(ActionOf(change), ag, start, change.Length));
        }

        return operations;
    }

    /// <summary>All but where the blocks are.</summary>
    public bool IsWellFormed(ReverseMapChange change)
    {
        if (!geometry.Features.ReverseMapBtree || (change.Flags & ~ReverseMapFlags) != 0) return false;
        if (!Enum.IsDefined((ReverseMapAction)(change.Flags & ActionMask))) return false;
        bool isInode = (long)change.Owner >= 0;
        if (isInode && !geometry.IsValid(new InodeNumber(change.Owner))) return false;
        if (!isInode && change.Owner < RmapOwner.Cow) return false;
        return change.StartOffset < FileBlocksMax && change.StartOffset + change.Length <= FileBlocksMax;
    }

    /// <summary>All but where the blocks are.</summary>
    public bool IsWellFormed(RefcountChange change) =>
        geometry.Features.Reflink && (change.Flags & ~ActionMask) == 0 && Enum.IsDefined(ActionOf(change));

    public static ReverseMapAction ActionOf(ReverseMapChange change) => (ReverseMapAction)(change.Flags & ActionMask);

    public static RefcountAction ActionOf(RefcountChange change) => (RefcountAction)(change.Flags & ActionMask);

    public static bool IsUnwritten(ReverseMapChange change) => (change.Flags & UnwrittenFlag) != 0;

    public static ExtentOwner OwnerOf(ReverseMapChange change) =>
        new(change.Owner, change.StartOffset, (change.Flags & AttributeForkFlag) != 0, false);

    /// <summary>A run of blocks in one group, behind its headers.</summary>
    private bool IsExtent(ulong start, uint length)
    {
        if (length == 0 || start + length <= start) return false;
        (uint ag, AgBlock block) = Place(start);
        uint lastHeader = (uint)((AgHeaderReader.FreeListSector * geometry.SectorSize) >> geometry.BlockLog);
        return geometry.IsValid(ag, block, length) && block.Value > lastHeader
            && geometry.FsBlockOf(ag, block).Value == start;
    }

    private (uint Ag, AgBlock Block) Place(ulong start) =>
        (geometry.AgOf(new FsBlock(start)), geometry.AgBlockOf(new FsBlock(start)));

    [DoesNotReturn]
    private static void Fail(string field, ulong start, uint length) => RecoveryFailure.Throw(
        BlockFault.Bad(field, $"{length} blocks at {start}"), 0, 0, "logged intent");
}
