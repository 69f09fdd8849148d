// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>One group of the realtime device, and the files of the metadata directory that tell of it.</summary>
internal sealed class RealtimeGroup(FinishContext context, uint number, RealtimeGroupFiles files) : IRefcountGroup
{
    private MetafileTreePlace? _reverseMap;
    private MetafileTreePlace? _refcounts;

    public uint Number => number;

    public uint Blocks { get; } = BlocksOf(context.Geometry, number);

    /// <summary>The rtrmapbt.</summary>
    public MetafileTreePlace ReverseMap => _reverseMap ??= Open(files.ReverseMap, BtreeFormat.Rtrmapbt);

    /// <summary>The rtrefcountbt.</summary>
    public BtreePlace Refcounts => _refcounts ??= Open(files.Refcounts, BtreeFormat.Rtrefcountbt);

    public void FreeLater(uint start, uint length) => context.Realtime.DeferFree(this, start, length);

    [DoesNotReturn]
    public void Fail(BlockFault fault)
    {
        InodeNumber? inode = files.ReverseMap ?? files.Refcounts;
        bool isPlace = inode is { } known && context.Geometry.IsValid(known);
        RecoveryFailure.Throw(
            fault, isPlace ? context.Geometry.ByteOf(inode!.Value) : 0, context.Geometry.InodeSize,
            $"realtime group {number}");
    }

    private static uint BlocksOf(Volume.Geometry geometry, uint number)
    {
        ulong before = number * geometry.RealtimeGroupBlocks;
        ulong behind = geometry.RealtimeBlocks - Math.Min(before, geometry.RealtimeBlocks);
        return (uint)Math.Min(Math.Min(behind, geometry.RealtimeGroupBlocks), uint.MaxValue);
    }

    private MetafileTreePlace Open(InodeNumber? file, BtreeFormat format)
    {
        if (file is not { } inode) Fail(BlockFault.Bad(format.Word, "the metadata directory does not name it"));
        return new(context, context.Forks.Open(file!.Value));
    }
}
