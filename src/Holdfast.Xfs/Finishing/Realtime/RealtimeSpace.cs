// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>
/// Changes of the realtime device's own metadata, which lies on the data device: bitmaps, and the reverse maps and
/// reference counts of its groups. A realtime device without groups has one bitmap and nothing else.
/// </summary>
internal sealed class RealtimeSpace : IRealtimeMappings
{
    private readonly FinishContext _context;
    private readonly BtreeEditor _rtrmapbt;
    private readonly LoggedRealtimeIntents _intents;
    private readonly Dictionary<uint, RealtimeGroup> _groups = [];
    private RealtimeGroupFiles[]? _files;

    public RealtimeSpace(FinishContext context)
    {
        _context = context;
        _rtrmapbt = new(context.Editor, BtreeFormat.Rtrmapbt);
        _intents = new(this, context.Geometry);
        var limit = new RefcountLimit(context.Geometry, new FreeListSize(context.Geometry));
        Refcounts = new(context.Editor, BtreeFormat.Rtrefcountbt, limit);
    }

    internal RefcountEditor Refcounts { get; }

    private Geometry Geometry => _context.Geometry;

    private bool HasGroups => Geometry.RealtimeGroupCount > 0;

    public ulong BlockInGroup(ulong block) => HasGroups ? block & InGroup : block;

    private ulong InGroup => (1ul << Geometry.RealtimeGroupBlockLog) - 1;

    public IReadOnlyList<DeferredOperation> Of(ExtentFreeIntent intent) => _intents.Of(intent);

    public IReadOnlyList<DeferredOperation> Of(ReverseMapIntent intent) => _intents.Of(intent);

    public IReadOnlyList<DeferredOperation> Of(RefcountIntent intent) => _intents.Of(intent);

    public void DeferMap(InodeEditor inode, in ForkExtent extent) => DeferMapping(
        inode.IsReflinked ? ReverseMapAction.MapShared : ReverseMapAction.Map, inode, extent);

    public void DeferUnmap(InodeEditor inode, in ForkExtent extent) => DeferMapping(
        inode.IsReflinked ? ReverseMapAction.UnmapShared : ReverseMapAction.Unmap, inode, extent);

    public void DeferConvert(InodeEditor inode, in ForkExtent extent) => DeferMapping(
        inode.IsReflinked ? ReverseMapAction.ConvertShared : ReverseMapAction.Convert, inode, extent);

    public void DeferDecrease(InodeEditor inode, in ForkExtent extent)
    {
        if (!HasGroups || !_context.Features.Reflink) return;
        (RealtimeGroup group, uint start) = Place(extent.Start.Value, extent.Length);
        _context.Deferred.Add(new RealtimeRefcountOperation(RefcountAction.Decrease, group, start, extent.Length));
    }

    public void Free(InodeEditor inode, in ForkExtent extent)
    {
        if (!HasGroups)
        {
            Group(0).FreeNow(extent.Start.Value, extent.Length);
            return;
        }

        (RealtimeGroup group, uint start) = Place(extent.Start.Value, extent.Length);
        DeferFree(group, start, extent.Length);
    }

    /// <summary>
    /// Frees what a crash left staged for copy-on-write on the realtime device, as a mount does when the log was
    /// dirty. Commits its own steps.
    /// </summary>
    public void FreeCowLeftovers(CancellationToken cancellationToken = default)
    {
        if (!HasGroups || !_context.Features.Reflink) return;
        for (uint number = 0; number < Geometry.RealtimeGroupCount; number++)
        {
            RealtimeGroup group = Group(number);
            foreach (RefcountRecord staged in CowLeftovers.Of(Refcounts.Open(group)))
            {
                uint start = staged.Start.Value;
                DeferReverseMap(ReverseMapAction.Free, group, start, staged.Length, ExtentOwner.Cow, false);
                _context.Deferred.Add(
                    new RealtimeRefcountOperation(RefcountAction.FreeCow, group, start, staged.Length));
                DeferFree(group, start, staged.Length);
                _context.Deferred.FinishAll(_context, cancellationToken);
            }
        }
    }

    internal void DeferFree(RealtimeGroup group, uint start, uint length)
    {
        if ((ulong)start + length > group.Blocks)
        {
            group.Fail(BlockFault.OutOfBounds("br_startblock", start + (ulong)length, group.Blocks));
        }

        _context.Deferred.Add(new RealtimeExtentFreeOperation(group, start, length));
    }

    internal RmapTree OpenReverseMap(RealtimeGroup group)
    {
        _rtrmapbt.Open(group.ReverseMap);
        return new(_rtrmapbt, group);
    }

    /// <summary>A run of realtime blocks, which must lie in one group.</summary>
    /// <exception cref="RecoveryFailure">It does not.</exception>
    internal (RealtimeGroup Group, uint Start) Place(ulong block, uint length)
    {
        ulong number = block >> Geometry.RealtimeGroupBlockLog;
        uint start = (uint)(block & InGroup);
        if (number < Geometry.RealtimeGroupCount)
        {
            RealtimeGroup group = Group((uint)number);
            if (length > 0 && (ulong)start + length <= group.Blocks) return (group, start);
        }

        RecoveryFailure.Throw(
            BlockFault.Bad("br_startblock", $"{length} realtime blocks at {block}"), 0, 0, "realtime device");
        return default;
    }

    private RealtimeGroup Group(uint number)
    {
        if (_groups.TryGetValue(number, out RealtimeGroup? known)) return known;
        // Replay is over, and finishing makes and removes none of these files.
        _files ??= HasGroups
            ? RealtimeGroupFiles.Read(_context.Editor.Volume)
            : [RealtimeGroupFiles.OfSuperblock(Geometry.SystemInodes)];
        RealtimeGroupFiles files = number < _files.Length ? _files[number] : default;
        return _groups[number] = new(_context, number, files);
    }

    private void DeferMapping(ReverseMapAction action, InodeEditor inode, ForkExtent extent)
    {
        if (!HasGroups || !_context.Features.ReverseMapBtree) return;
        (RealtimeGroup group, uint start) = Place(extent.Start.Value, extent.Length);
        DeferReverseMap(
            action, group, start, extent.Length, ExtentOwner.Mapping(inode.Number, ForkKind.Data, extent.Offset),
            extent.IsUnwritten);
    }

    private void DeferReverseMap(
        ReverseMapAction action, RealtimeGroup group, uint start, uint length, ExtentOwner owner, bool isUnwritten)
    {
        if (!_context.Features.ReverseMapBtree) return;
        _context.Deferred.Add(new RealtimeReverseMapOperation(action, group, start, length, owner, isUnwritten));
    }
}
