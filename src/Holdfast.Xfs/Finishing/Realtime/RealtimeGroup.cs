// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>One group of the realtime device, and the files of the metadata directory that tell of it.</summary>
internal sealed class RealtimeGroup(FinishContext context, uint number, RealtimeGroupFiles files) : IRefcountGroup
{
    private MetafileTreePlace? _reverseMap;
    private MetafileTreePlace? _refcounts;
    private RealtimeBitmap? _bitmap;

    public uint Number => number;

    /// <summary>A realtime device without groups counts as one, and that can be longer than any group.</summary>
    public ulong Blocks { get; } = BlocksOf(context.Geometry, number);

    uint IBlockGroup.Blocks => (uint)Math.Min(Blocks, uint.MaxValue);

    /// <summary>The rtrmapbt.</summary>
    public MetafileTreePlace ReverseMap => _reverseMap ??= Open(files.ReverseMap, BtreeFormat.Rtrmapbt);

    /// <summary>The rtrefcountbt.</summary>
    public BtreePlace Refcounts => _refcounts ??= Open(files.Refcounts, BtreeFormat.Rtrefcountbt);

    public void FreeLater(uint start, uint length) => context.Realtime.DeferFree(this, start, length);

    /// <summary>Gives blocks back within this step: of a zone the inode of its reverse map counts those in use, of
    /// other groups a bitmap tells the free ones.</summary>
    public void FreeNow(ulong start, ulong length)
    {
        if (context.Features.Zoned)
        {
            CountUnused(length);
            return;
        }

        uint unit = Math.Max(1, context.Geometry.RealtimeExtentSize);
        if (start % unit != 0 || length % unit != 0 || length == 0 || start + length > Blocks)
        {
            Fail(BlockFault.Bad("br_startblock", $"{length} realtime blocks at {start}"));
        }

        _bitmap ??= OpenBitmap(unit);
        _bitmap.Free(start / unit, length / unit);
    }

    [DoesNotReturn]
    public void Fail(BlockFault fault)
    {
        InodeNumber? inode = files.ReverseMap ?? files.Refcounts;
        bool isPlace = inode is { } known && context.Geometry.IsValid(known);
        RecoveryFailure.Throw(
            fault, isPlace ? context.Geometry.ByteOf(inode!.Value) : 0, context.Geometry.InodeSize,
            $"realtime group {number}");
    }

    private static ulong BlocksOf(Volume.Geometry geometry, uint number)
    {
        if (geometry.RealtimeGroupCount == 0) return geometry.RealtimeBlocks;
        ulong before = number * geometry.RealtimeGroupBlocks;
        ulong behind = geometry.RealtimeBlocks - Math.Min(before, geometry.RealtimeBlocks);
        return Math.Min(Math.Min(behind, geometry.RealtimeGroupBlocks), uint.MaxValue);
    }

    private MetafileTreePlace Open(InodeNumber? file, BtreeFormat format) =>
        new(context, context.Forks.Open(Named(file, format.Word)));

    private RealtimeBitmap OpenBitmap(uint unit) => new(
        new(context, Named(files.Bitmap, "rtbitmap")), new(context, Named(files.Summary, "rtsummary")), Blocks / unit,
        context.Geometry.RealtimeBitmapBlocks);

    private InodeNumber Named(InodeNumber? file, string word)
    {
        if (file is null) Fail(BlockFault.Bad(word, "nothing names the file"));
        return file!.Value;
    }

    private void CountUnused(ulong length)
    {
        // Blocks in use are counted where other inodes have their hint for copy-on-write.
        InodeEditor inode = ReverseMap.Inode;
        uint used = inode.Bytes.U32(Inode.CowExtentSizeAt);
        if (length > used) Fail(BlockFault.OutOfBounds("di_used_blocks", length, used));
        BinaryPrimitives.WriteUInt32BigEndian(inode.Edit()[Inode.CowExtentSizeAt..], used - (uint)length);
    }
}
