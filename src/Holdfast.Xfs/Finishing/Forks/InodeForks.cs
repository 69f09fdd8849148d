// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// Inodes opened for changing, and changes of their block maps as the kernel makes them. What is named "Now" happens
/// within the step.
/// </summary>
internal sealed class InodeForks(FinishContext context)
{
    /// <summary>Mappings that one step of a truncation takes.</summary>
    private const int TruncateExtentsMax = 2;

    private readonly BtreeEditor _bmbt = new(context.Editor, BtreeFormat.Bmbt);
    private readonly HashSet<(ulong Inode, ForkKind Fork)> _checked = [];

    /// <summary>Told of what happens to mappings of the realtime device; null: nobody keeps account of them.</summary>
    public IRealtimeMappings? Realtime { get; set; }

    internal FinishContext Context => context;

    /// <exception cref="RecoveryFailure">The inode is not to be believed, or free.</exception>
    public InodeEditor Open(InodeNumber inode) => InodeEditor.Open(context, inode);

    /// <summary>The mapping that holds a file block, else the first after it; null where there is none.</summary>
    public ForkExtent? Lookup(InodeEditor inode, ForkKind fork, FileBlock offset) =>
        MapOf(inode, fork).AtOrAfter(offset.Value);

    /// <summary>The file block behind the last mapping; 0 for a fork without any.</summary>
    public FileBlock EndOf(InodeEditor inode, ForkKind fork) =>
        new(MapOf(inode, fork).Before(ForkWalk.OffsetEnd)?.OffsetEnd ?? 0);

    /// <summary>Puts a mapping into a hole of the fork, merging it with its neighbours. The reverse map is put off;
    /// di_nblocks counts it.</summary>
    public void MapNow(InodeEditor inode, ForkKind fork, in ForkExtent extent)
    {
        ForkMap map = MapOf(inode, fork);
        inode.Blocks += extent.Length;
        ForkMapping.Map(map, extent);
        if (IsRealtime(inode, fork)) Realtime?.DeferMap(inode, extent);
        else context.Groups.DeferMap(inode, fork, extent);
        map.Finish();
    }

    /// <summary>
    /// Takes mappings out of a range of a fork from its end backwards, at most so many of them, and puts off what is
    /// to be done with their blocks: out of the reverse map, and freed (of a data fork that shares blocks: one
    /// reference less).
    /// </summary>
    /// <param name="extentsMax">0: no limit.</param>
    /// <returns>True where nothing is left in the range.</returns>
    public bool UnmapNow(InodeEditor inode, ForkKind fork, FileBlock start, ulong length, int extentsMax = 2) =>
        UnmapNow(inode, fork, start, length, extentsMax, isRemap: false) == 0;

    /// <param name="isRemap">The blocks are not given up: they only leave the fork and its reverse map.</param>
    /// <returns>Blocks at the beginning of the range that are left to do.</returns>
    public ulong UnmapNow(
        InodeEditor inode, ForkKind fork, FileBlock start, ulong length, int extentsMax, bool isRemap)
    {
        ForkMap map = MapOf(inode, fork);
        ulong left = new ForkUnmapping(context, map, isRemap).Run(start.Value, length, extentsMax);
        map.Finish();
        return left;
    }

    /// <summary>Makes a part of a mapping written or unwritten; the reverse map is put off.</summary>
    /// <param name="extent">What the part is to be.</param>
    public void ConvertNow(InodeEditor inode, ForkKind fork, in ForkExtent extent)
    {
        ForkMap map = MapOf(inode, fork);
        ForkConversion.Convert(map, extent);
        if (IsRealtime(inode, fork)) Realtime?.DeferConvert(inode, extent);
        else context.Groups.DeferConvert(inode, fork, extent);
        map.Finish();
    }

    /// <summary>
    /// Allocates blocks for a hole of the attribute fork (or a directory's, a symlink's data) as metadata of the
    /// inode, and maps them. The reverse map is put off; di_nblocks counts them.
    /// </summary>
    /// <param name="total">Blocks that the whole step may take, as the kernel reserves them.</param>
    /// <param name="isContiguous">All of it in one run, or nothing.</param>
    /// <returns>One mapping that starts at the offset, perhaps shorter than asked for.</returns>
    /// <exception cref="RecoveryFailure">There is no room.</exception>
    public ForkExtent AllocateNow(
        InodeEditor inode, ForkKind fork, FileBlock offset, uint length, uint total = 0, bool isContiguous = false)
    {
        ForkMap map = MapOf(inode, fork);
        ForkExtent extent = ForkAllocation.Allocate(context, map, offset.Value, length, total, isContiguous);
        map.Finish();
        return extent;
    }

    /// <summary>Unmaps everything from a file block on, in as many steps as it takes, each committed with the work
    /// that it put off.</summary>
    /// <exception cref="RecoveryFailure">A step cannot be done: it is taken back; the steps before it stay.</exception>
    public void Truncate(
        InodeEditor inode, ForkKind fork, FileBlock from, CancellationToken cancellationToken = default)
    {
        ulong left = ForkWalk.OffsetEnd - Math.Min(from.Value, ForkWalk.OffsetEnd);
        while (left > 0)
        {
            try
            {
                left = UnmapNow(inode, fork, from, left, TruncateExtentsMax, isRemap: false);
                context.Editor.Commit();
            }
            catch (RecoveryFailure)
            {
                context.Editor.Rollback();
                context.Deferred.Clear();
                throw;
            }

            context.Deferred.FinishAll(context, cancellationToken);
        }

        if (fork != ForkKind.Data || !inode.IsReflinked || inode.ExtentsOf(fork) != 0) return;
        inode.Flags2 &= ~Inode.Flag2Reflink;
        context.Editor.Commit();
    }

    /// <summary>What carries out a logged intent.</summary>
    /// <exception cref="RecoveryFailure">The intent is none that the kernel would carry out.</exception>
    public IReadOnlyList<DeferredOperation> Of(BlockMapIntent intent) => [BlockMapOperation.Of(context, intent)];

    public IReadOnlyList<DeferredOperation> Of(ExchangeIntent intent) => [ExchangeOperation.Of(context, intent)];

    /// <summary>The fork's mappings, for the changes of one step; one fork's at a time.</summary>
    internal ForkMap MapOf(InodeEditor inode, ForkKind fork)
    {
        ForkFormat format = inode.FormatOf(fork);
        bool isMapped = fork is ForkKind.Data or ForkKind.Attribute && format is ForkFormat.Extents or ForkFormat.Btree
            && (fork == ForkKind.Data || inode.HasAttributeFork);
        if (!isMapped) inode.Fail(BlockFault.Wrong("di_format", "extents or btree", $"{(byte)format}"));
        if (_checked.Add((inode.Number.Value, fork))) ForkCheck.Check(context, inode, fork, _bmbt);
        return format == ForkFormat.Extents
            ? new ExtentForkMap(context, inode, fork)
            : new BtreeForkMap(context, inode, fork, _bmbt);
    }

    private static bool IsRealtime(InodeEditor inode, ForkKind fork) =>
        fork == ForkKind.Data && inode.IsRealtime;
}
