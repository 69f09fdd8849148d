// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// A mapping that goes into a fork, or leaves it, as behind a BUI. The blocks change no hands: only the reverse map
/// follows. Source of the flags: xfs_log_format.h (XFS_BMAP_EXTENT_*) and xfs_bmap.h (enum xfs_bmap_intent_type).
/// </summary>
internal sealed class BlockMapOperation : DeferredOperation
{
    private const uint TypeMask = 0xff;
    private const uint TypeMap = 1;
    private const uint TypeUnmap = 2;
    private const uint FlagAttributeFork = 1u << 31;
    private const uint FlagUnwritten = 1u << 30;
    private const uint FlagRealtime = 1u << 29;

    private readonly InodeEditor _inode;
    private readonly ForkKind _fork;
    private readonly bool _isMap;
    private readonly bool _widens;
    private ForkExtent _extent;

    private BlockMapOperation(InodeEditor inode, ForkKind fork, bool isMap, in ForkExtent extent, bool widens)
    {
        _inode = inode;
        _fork = fork;
        _isMap = isMap;
        _extent = extent;
        _widens = widens;
    }

    public override DeferredKind Kind => DeferredKind.BlockMap;

    public override ulong Order => _inode.Number.Value;

    public static BlockMapOperation Map(InodeEditor inode, ForkKind fork, in ForkExtent extent) =>
        new(inode, fork, isMap: true, extent, widens: false);

    public static BlockMapOperation Unmap(InodeEditor inode, ForkKind fork, in ForkExtent extent) =>
        new(inode, fork, isMap: false, extent, widens: false);

    /// <exception cref="RecoveryFailure">The kernel would not carry the intent out.</exception>
    public static BlockMapOperation Of(FinishContext context, BlockMapIntent intent)
    {
        string structure = $"BUI {intent.Id:x}";
        if (intent.Changes.Count != 1) Fail("bui_nextents", "1", $"{intent.Changes.Count}", structure);
        BlockMapChange change = intent.Changes[0];
        uint type = change.Flags & TypeMask;
        uint known = TypeMask | FlagAttributeFork | FlagUnwritten | FlagRealtime;
        if (type is not (TypeMap or TypeUnmap) || (change.Flags & ~known) != 0)
        {
            Fail("me_flags", "map or unmap", $"0x{change.Flags:x}", structure);
        }

        if (!IntentCheck.IsFileRange(change.StartOffset, change.Length))
        {
            Fail("me_startoff", "a range of a file", $"{change.StartOffset}", structure);
        }

        bool isRealtime = (change.Flags & FlagRealtime) != 0;
        if (!IntentCheck.IsPlace(context.Geometry, change.StartBlock, change.Length, isRealtime))
        {
            Fail("me_startblock", "blocks of one group", $"{change.StartBlock}, {change.Length} blocks", structure);
        }

        ForkKind fork = (change.Flags & FlagAttributeFork) != 0 ? ForkKind.Attribute : ForkKind.Data;
        InodeEditor inode = context.Forks.Open(new(change.Inode));
        if (isRealtime != (inode.IsRealtime && fork == ForkKind.Data))
        {
            Fail("me_flags", isRealtime ? "a realtime file" : "no realtime file", $"inode {inode.Number}", structure);
        }

        var extent = new ForkExtent(
            new(change.StartOffset), new(change.StartBlock), change.Length, (change.Flags & FlagUnwritten) != 0);
        return new(inode, fork, type == TypeMap, extent, widens: true);
    }

    public override bool Step(FinishContext context)
    {
        // One mapping more, where a range in the middle of another one goes.
        if (_widens) ExtentCounts.Extend(context, _inode, _fork, 1);
        if (_isMap)
        {
            context.Forks.MapNow(_inode, _fork, _extent);
            return true;
        }

        ulong left = context.Forks.UnmapNow(
            _inode, _fork, _extent.Offset, _extent.Length, extentsMax: 1, isRemap: true);
        _extent = _extent with { Length = (uint)left };
        return left == 0;
    }

    private static void Fail(string field, string wanted, string found, string structure) =>
        RecoveryFailure.Throw(BlockFault.Wrong(field, wanted, found), 0, 0, structure);
}
