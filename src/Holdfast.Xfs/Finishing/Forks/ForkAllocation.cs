// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>Takes free blocks for a hole of a fork and maps them, where the kernel would look for them.</summary>
internal static class ForkAllocation
{
    /// <summary>Allocations are made in multiples of so many bytes, as far as the offset in the file lets.</summary>
    private const int PageSize = 4096;

    /// <summary>A gap in the file up to so many times the length asked for is left open on the disk too.</summary>
    private const ulong GapsMax = 4;

    /// <param name="isContiguous">All of it in one run, or nothing.</param>
    public static ForkExtent Allocate(
        FinishContext context, ForkMap map, ulong offset, uint length, uint total, bool isContiguous)
    {
        InodeEditor inode = map.Inode;
        ForkExtent? next = map.AtOrAfter(offset);
        if (next is { } here && here.Offset.Value <= offset)
        {
            ForkExtent known = here.From(offset);
            return known.Length > length ? known.Until(offset + length) : known;
        }

        if (next is { } after) length = (uint)Math.Min(length, after.Offset.Value - offset);
        length = Math.Min(length, Math.Min(ForkExtent.LengthMax, context.Geometry.AgBlocks));
        if (length == 0) inode.Fail(BlockFault.Bad("br_blockcount", "0 blocks to allocate"));
        ForkExtent? previous = map.Before(offset);
        uint product = context.Geometry.BlockSize >= PageSize ? 1 : (uint)(PageSize / context.Geometry.BlockSize);
        uint remainder = (uint)(offset % product);
        var request = new AllocationRequest
        {
            Target = TargetOf(context.Geometry, inode.Number, previous, next, offset, length),
            Search = AllocationSearch.StartGroup,
            MinLength = length,
            MaxLength = length,
            Product = product,
            Remainder = remainder == 0 ? 0 : product - remainder,
            MinLeft = MinLeft(map),
            Total = total,
        };
        Allocation found = Take(context.Groups, request, isContiguous ? length : 1);
        var extent = new ForkExtent(new(offset), found.Start, found.Length, false);
        inode.Blocks += extent.Length;
        ForkMapping.Map(map, extent);
        context.Groups.DeferMap(inode, map.Fork, extent);
        return extent;
    }

    /// <summary>As long a run as was asked for; then a shorter one near by; then any, the reserve given up.</summary>
    private static Allocation Take(GroupSpace groups, AllocationRequest request, uint lengthMin)
    {
        if (groups.TryAllocateNow(request) is { } whole) return whole;
        request = request with { MinLength = lengthMin };
        if (lengthMin < request.MaxLength && groups.TryAllocateNow(request) is { } part) return part;
        return groups.AllocateNow(
            request with { Search = AllocationSearch.FirstGroup, Target = new(0), Total = lengthMin });
    }

    /// <summary>Blocks that a split of the block map up to its root may take afterwards.</summary>
    private static uint MinLeft(ForkMap map) => map.Inode.FormatOf(map.Fork) == ForkFormat.Btree
        ? map.Inode.Fork(map.Fork).U16(InlineBtreeRoot.LevelAt) + 1u
        : 1;

    /// <summary>Behind the mapping before, or in front of the one after, whichever is nearer in the file.</summary>
    private static FsBlock TargetOf(
        Geometry geometry, InodeNumber inode, ForkExtent? previous, ForkExtent? next, ulong offset, uint length)
    {
        FsBlock fallback = geometry.BlockOf(inode);
        if (next is not { } after)
        {
            if (previous is not { } last || !InGroupOf(geometry, last.StartEnd, last.Start)) return fallback;
            ulong gap = offset - last.OffsetEnd;
            return new(InGroupOf(geometry, last.StartEnd + gap, last.Start) ? last.StartEnd + gap : last.StartEnd);
        }

        (ulong right, ulong rightDistance) = InFrontOf(geometry, after, offset, length);
        if (previous is not { } before || !InGroupOf(geometry, before.StartEnd, before.Start)) return new(right);
        ulong left = before.StartEnd;
        ulong leftDistance = offset - before.OffsetEnd;
        if (leftDistance <= GapsMax * length && InGroupOf(geometry, left + leftDistance, before.Start))
        {
            left += leftDistance;
        }
        else
        {
            leftDistance *= 2;
        }

        return new(leftDistance <= rightDistance ? left : right);
    }

    private static (ulong Target, ulong Distance) InFrontOf(
        Geometry geometry, in ForkExtent after, ulong offset, uint length)
    {
        ulong start = after.Start.Value;
        ulong gap = after.Offset.Value - offset;
        if (gap <= GapsMax * length && InGroupOf(geometry, start - gap, after.Start)) return (start - gap, gap);
        if (InGroupOf(geometry, start - length, after.Start)) return (start - length, 2 * gap - length);
        return (start, 2 * gap);
    }

    private static bool InGroupOf(Geometry geometry, ulong block, FsBlock other)
    {
        var candidate = new FsBlock(block);
        uint ag = geometry.AgOf(candidate);
        return ag == geometry.AgOf(other) && ag < geometry.AgCount
            && geometry.AgBlockOf(candidate).Value < geometry.AgBlocks;
    }
}
