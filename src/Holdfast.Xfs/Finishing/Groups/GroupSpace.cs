// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Changes of the groups' free space, reverse maps and reference counts, as the kernel makes them. What is named
/// "Now" happens within the step; what is named "Defer" is put off. Reverse maps and reference counts are passed
/// over where the filesystem keeps none.
/// </summary>
internal sealed class GroupSpace
{
    private readonly GroupTrees _trees;
    private readonly ReverseMapEditor _reverseMap;
    private readonly RefcountEditor _refcounts;
    private readonly Dictionary<uint, RefcountPlace> _refcountPlaces = [];
    private readonly Allocator _allocator;
    private readonly LoggedGroupIntents _intents;
    private long _reverseMapStep = -1;
    private uint _reverseMapGroup;

    public GroupSpace(FinishContext context)
    {
        Context = context;
        var levels = new FreeListSize(context.Geometry);
        _trees = new(context.Editor);
        _reverseMap = new(_trees);
        _refcounts = new(context.Editor, BtreeFormat.Refcountbt, new(context.Geometry, levels));
        _allocator = new(_trees, _reverseMap, context.Deferred, levels);
        _intents = new(context.Geometry);
    }

    internal FinishContext Context { get; }

    /// <summary>
    /// To be called where the kernel forces the log: between logged intents and unlinked inodes. From then on blocks
    /// that were freed may be taken again.
    /// </summary>
    public void LogForced() => Context.Editor.ForceLog();

    /// <summary>Gives blocks back to free space within this step.</summary>
    /// <param name="owner">Taken out of the reverse map; null: the reverse map is left as it is.</param>
    public void FreeNow(
        uint ag, AgBlock start, uint length, ExtentOwner? owner, BlockReservation reservation = BlockReservation.None)
    {
        GroupHeader header = _trees.Header(ag);
        header.Reserve.Give(reservation, length);
        _allocator.FixFreeList(header, attempt: null);
        if (length == 0 || !Context.Geometry.IsValid(ag, start, length))
        {
            header.Fail(BlockFault.OutOfBounds("ar_blockcount", length, header.Blocks));
        }

        Free(header, start, length, owner);
        if (reservation != BlockReservation.FreeList) header.Busy.Add(start.Value, length);
    }

    /// <summary>Blocks that are to be freed in a step of their own, as behind an EFI.</summary>
    public void DeferFree(
        FsBlock start, uint length, ExtentOwner? owner, BlockReservation reservation = BlockReservation.None)
    {
        (uint ag, AgBlock block) = Place(start);
        if (length == 0 || !Context.Geometry.IsValid(start, length))
        {
            RecoveryFailure.Throw(
                BlockFault.Bad("br_startblock", $"{length} blocks at {start}"), 0, 0, "blocks to be freed");
        }

        Context.Deferred.Add(new ExtentFreeOperation(ag, block, length, owner, reservation));
    }

    /// <summary>Takes blocks from free space; recovery marks them as its own.</summary>
    /// <returns>Null where none are free that fit.</returns>
    public Allocation? TryAllocateNow(AllocationRequest request) => _allocator.TryAllocate(request);

    /// <exception cref="RecoveryFailure">None are free that fit.</exception>
    public Allocation AllocateNow(AllocationRequest request)
    {
        if (TryAllocateNow(request) is { } found) return found;
        RecoveryFailure.Throw(
            BlockFault.Bad("agf_freeblks", $"no {request.MinLength} blocks free"), 0, 0, "free space");
        return default;
    }

    /// <summary>A mapping of a fork goes into the reverse map.</summary>
    public void DeferMap(InodeEditor inode, ForkKind fork, in ForkExtent extent) =>
        DeferMapping(ReverseMapAction.Map, ReverseMapAction.MapShared, inode, fork, in extent);

    /// <summary>A mapping of a fork leaves the reverse map.</summary>
    public void DeferUnmap(InodeEditor inode, ForkKind fork, in ForkExtent extent) =>
        DeferMapping(ReverseMapAction.Unmap, ReverseMapAction.UnmapShared, inode, fork, in extent);

    /// <summary>A mapping becomes written or unwritten: <paramref name="extent"/> says which it is
    /// afterwards.</summary>
    public void DeferConvert(InodeEditor inode, ForkKind fork, in ForkExtent extent) =>
        DeferMapping(ReverseMapAction.Convert, ReverseMapAction.ConvertShared, inode, fork, in extent);

    /// <summary>One more file maps the blocks.</summary>
    public void DeferIncrease(FsBlock start, uint length) => DeferRefcount(RefcountAction.Increase, start, length);

    /// <summary>One file less maps the blocks; those that none maps any more are freed.</summary>
    public void DeferDecrease(FsBlock start, uint length) => DeferRefcount(RefcountAction.Decrease, start, length);

    /// <summary>Blocks are staged for copy-on-write.</summary>
    public void DeferAllocateCow(FsBlock start, uint length)
    {
        if (!Context.Features.Reflink) return;
        DeferRefcount(RefcountAction.AllocateCow, start, length);
        DeferReverseMap(ReverseMapAction.Allocate, start, length, ExtentOwner.Cow, isUnwritten: false);
    }

    /// <summary>Blocks are no longer staged for copy-on-write. They are not freed by this.</summary>
    public void DeferFreeCow(FsBlock start, uint length)
    {
        if (!Context.Features.Reflink) return;
        DeferReverseMap(ReverseMapAction.Free, start, length, ExtentOwner.Cow, isUnwritten: false);
        DeferRefcount(RefcountAction.FreeCow, start, length);
    }

    /// <summary>What carries out a logged intent.</summary>
    /// <exception cref="RecoveryFailure">The intent is none that the kernel would carry out.</exception>
    public IReadOnlyList<DeferredOperation> Of(ExtentFreeIntent intent) => _intents.Of(intent);

    public IReadOnlyList<DeferredOperation> Of(ReverseMapIntent intent) => _intents.Of(intent);

    public IReadOnlyList<DeferredOperation> Of(RefcountIntent intent) => _intents.Of(intent);

    /// <summary>
    /// Frees what a crash left staged for copy-on-write, as a mount does when the log was dirty. Commits its own
    /// steps.
    /// </summary>
    public void FreeCowLeftovers(CancellationToken cancellationToken = default)
    {
        if (!Context.Features.Reflink) return;
        for (uint ag = 0; ag < Context.Geometry.AgCount; ag++)
        {
            foreach (RefcountRecord staged in CowLeftovers.Of(_refcounts.Open(RefcountsOf(ag))))
            {
                FsBlock start = Context.Geometry.FsBlockOf(ag, staged.Start);
                DeferFreeCow(start, staged.Length);
                DeferFree(start, staged.Length, owner: null);
                Context.Deferred.FinishAll(Context, cancellationToken);
            }
        }
    }

    internal void FreeFromList(uint ag, AgBlock block) => Free(_trees.Header(ag), block, 1, ExtentOwner.Ag);

    internal void ChangeReverseMap(
        ReverseMapAction action, uint ag, AgBlock start, uint length, ExtentOwner owner, bool isUnwritten)
    {
        GroupHeader header = _trees.Header(ag);
        // Changes of one group that share a transaction share this too.
        if (_reverseMapStep != Context.Editor.StepsDone || _reverseMapGroup != ag)
        {
            _allocator.FixFreeList(header, attempt: null);
            _reverseMapStep = Context.Editor.StepsDone;
            _reverseMapGroup = ag;
        }

        _reverseMap.Change(action, header, start.Value, length, owner, isUnwritten);
    }

    internal void ChangeRefcounts(RefcountAction action, uint ag, ref uint start, ref uint length) =>
        _refcounts.Change(action, RefcountsOf(ag), ref start, ref length);

    private RefcountPlace RefcountsOf(uint ag)
    {
        if (_refcountPlaces.TryGetValue(ag, out RefcountPlace? place)) return place;
        return _refcountPlaces[ag] = new(_trees.Header(ag), this);
    }

    private void Free(GroupHeader header, AgBlock start, uint length, ExtentOwner? owner)
    {
        if (owner is { } known) _reverseMap.Unmap(header, start.Value, length, known);
        _allocator.FreeSpace.Add(header, start.Value, length);
        long offset = Context.Geometry.ByteOf(header.Ag, start);
        long bytes = (long)length << Context.Geometry.BlockLog;
        Context.Editor.Drop(offset, bytes);
        Context.Editor.MarkFreed(offset, bytes);
    }

    private void DeferMapping(
        ReverseMapAction action, ReverseMapAction sharedAction, InodeEditor inode, ForkKind fork,
        in ForkExtent extent)
    {
        if (fork == ForkKind.Cow) return;
        bool mayBeShared = fork == ForkKind.Data && inode.IsReflinked;
        DeferReverseMap(
            mayBeShared ? sharedAction : action, extent.Start, extent.Length,
            ExtentOwner.Mapping(inode.Number, fork, extent.Offset), extent.IsUnwritten);
    }

    private void DeferReverseMap(
        ReverseMapAction action, FsBlock start, uint length, ExtentOwner owner, bool isUnwritten)
    {
        if (!Context.Features.ReverseMapBtree) return;
        (uint ag, AgBlock block) = Place(start);
        Context.Deferred.Add(new ReverseMapOperation(action, ag, block, length, owner, isUnwritten));
    }

    private void DeferRefcount(RefcountAction action, FsBlock start, uint length)
    {
        if (!Context.Features.Reflink) return;
        (uint ag, AgBlock block) = Place(start);
        Context.Deferred.Add(new RefcountOperation(action, ag, block, length));
    }

    private (uint Ag, AgBlock Block) Place(FsBlock block) =>
        (Context.Geometry.AgOf(block), Context.Geometry.AgBlockOf(block));
}
