// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Takes blocks out of free space where the kernel would, and keeps each group's AGFL at its size. Groups are visited
/// in rising order within a step, as the kernel does to keep from waiting for itself.
/// </summary>
internal sealed class Allocator(
    GroupTrees trees, ReverseMapEditor reverseMap, DeferredOperations deferred, FreeListSize freeListSize)
{
    private readonly FreeSpaceEditor _freeSpace = new(trees);
    private long _step = -1;
    private uint? _highestGroup;

    public FreeSpaceEditor FreeSpace => _freeSpace;

    public Allocation? TryAllocate(AllocationRequest request)
    {
        ForgetOtherSteps();
        var geometry = trees.Editor.Geometry;
        uint ag = geometry.AgOf(request.Target);
        uint target = geometry.AgBlockOf(request.Target).Value;
        request = request with { MaxLength = Math.Min(request.MaxLength, geometry.AgBlocks) };
        bool isSane = ag < geometry.AgCount && target < geometry.AgBlocks && request.MinLength > 0
            && request.MinLength <= request.MaxLength && request.Remainder < Math.Max(1, request.Product);
        if (!isSane) return null;
        uint lowest = _highestGroup ?? 0;
        switch (request.Search)
        {
            case AllocationSearch.ThisGroup:
                return lowest > ag ? null : InGroup(request, ag, 0, BySize, out _);
            case AllocationSearch.Near:
                return lowest > ag ? null : InGroup(request, ag, target, Near, out _);
            case AllocationSearch.Exact:
                return lowest > ag ? null : InGroup(request, ag, target, Exact, out _);
            default:
                return InGroups(request, Math.Max(lowest, ag), target);
        }
    }

    /// <summary>Brings the AGFL to its size: blocks too many are freed later, missing ones are taken now.</summary>
    /// <returns>False where the group cannot serve the attempt; freeing always can.</returns>
    public bool FixFreeList(GroupHeader header, AllocationAttempt? attempt)
    {
        uint size = freeListSize.Of(header);
        if (attempt is not null && !HasSpace(header, attempt, size)) return false;
        while (header.FreeList.Count > size)
        {
            if (header.FreeList.Take() is { } block) deferred.Add(new FreeListFreeOperation(header.Ag, block));
        }

        while (header.FreeList.Count < size)
        {
            var refill = new AllocationAttempt(header, new AllocationRequest
            {
                Target = FsBlock.Null,
                Search = AllocationSearch.ThisGroup,
                MaxLength = size - header.FreeList.Count,
                Reservation = BlockReservation.FreeList,
            });
            BySize(refill);
            if (refill.Length == 0) return attempt is null;
            reverseMap.Map(header, refill.Start, refill.Length, ExtentOwner.Ag);
            header.AddFreeBlocks(-(long)refill.Length);
            Mark(header, refill.Start, refill.Length);
            for (uint i = 0; i < refill.Length; i++) header.FreeList.Put(new(refill.Start + i));
        }

        return true;
    }

    /// <summary>The kernel tries groups below the first one too, as long as nobody else holds them.</summary>
    private Allocation? InGroups(AllocationRequest request, uint start, uint target)
    {
        uint count = trees.Editor.Geometry.AgCount;
        for (uint i = 0; i < count; i++)
        {
            uint ag = (uint)(((ulong)start + i) % count);
            bool isNear = i == 0 && target != 0;
            Allocation? found = InGroup(request, ag, isNear ? target : 0, isNear ? Near : BySize, out bool isPrepared);
            if (isPrepared) return found;
        }

        return null;
    }

    private Allocation? InGroup(
        AllocationRequest request, uint ag, uint target, Action<AllocationAttempt> search, out bool isPrepared)
    {
        GroupHeader header = trees.Header(ag);
        var attempt = new AllocationAttempt(header, request) { Target = target };
        isPrepared = FixFreeList(header, attempt);
        if (!isPrepared) return null;
        search(attempt);
        if (_highestGroup is null || ag > _highestGroup) _highestGroup = ag;
        if (attempt.Length == 0) return null;
        if (request.Owner is { } owner) reverseMap.Map(header, attempt.Start, attempt.Length, owner);
        if (!attempt.IsFromFreeList) header.AddFreeBlocks(-(long)attempt.Length);
        header.Reserve.Take(request.Reservation, attempt.Length);
        Mark(header, attempt.Start, attempt.Length);
        return new(trees.Editor.Geometry.FsBlockOf(ag, new(attempt.Start)), attempt.Length);
    }

    private static bool HasSpace(GroupHeader header, AllocationAttempt attempt, uint freeListSize)
    {
        uint onList = header.FreeList.Count;
        uint freeBlocks = header.FreeBlocks;
        uint wanted = attempt.MinLength + attempt.Alignment - 1;
        uint kept = header.Reserve.KeptFrom(attempt.Request.Reservation);
        // What the AGFL lacks, and what is set aside and does not fit elsewhere, comes out of the longest extent.
        uint lack = freeListSize > onList ? freeListSize - onList : 0;
        uint elsewhere = freeBlocks - Math.Min(freeBlocks, header.Longest);
        if (elsewhere < kept) lack += kept - elsewhere;
        uint longest = header.Longest > lack
            ? header.Longest - lack
            : onList > 0 || header.Longest > 0 ? 1u : 0;
        if (longest < wanted) return false;
        long available = (long)freeBlocks + Math.Min(onList, freeListSize) - kept - freeListSize
            - attempt.Request.MinLeft;
        if (available < Math.Max(attempt.Request.Total, wanted)) return false;
        if (available < attempt.MaxLength) attempt.MaxLength = (uint)available;
        return true;
    }

    private void Exact(AllocationAttempt attempt)
    {
        BtreeEditor byStart = trees.Bnobt(attempt.Header);
        Span<byte> key = stackalloc byte[FreeRecord.Size];
        GroupTrees.WriteFree(key, attempt.Target, attempt.MinLength);
        if (!byStart.Lookup(key, BtreeSeek.LessOrEqual)) return;
        FreeRecord free = FreeSpaceEditor.Read(attempt.Header, byStart);
        uint start = free.Start.Value;
        uint length = free.Length;
        attempt.Header.Busy.Trim(ref start, ref length, attempt.MinLength, attempt.MaxLength);
        ulong end = (ulong)start + length;
        if (start > attempt.Target || length < attempt.MinLength) return;
        if (end < (ulong)attempt.Target + attempt.MinLength) return;
        ulong taken = Math.Min(end, (ulong)attempt.Target + attempt.MaxLength) - attempt.Target;
        Finish(attempt, free, attempt.Target, attempt.FixLength((uint)taken));
    }

    private void Near(AllocationAttempt attempt)
    {
        var search = new NearSearch(trees, attempt);
        bool isFound = search.Run(bySize => TakeSmaller(attempt, bySize), out uint start, out uint length);
        if (!isFound && search.MetBusy)
        {
            // Nothing but busy blocks: the kernel forces the log, and looks again.
            trees.Editor.ForceLog();
            search = new(trees, attempt);
            isFound = search.Run(bySize => TakeSmaller(attempt, bySize), out start, out length);
        }

        if (isFound) Finish(attempt, search.Free, start, length);
    }

    private void BySize(AllocationAttempt attempt)
    {
        var search = new SizeSearch(trees, attempt);
        SizeSearch.Outcome outcome = search.Run(bySize => TakeSmaller(attempt, bySize));
        if (outcome == SizeSearch.Outcome.OnlyBusy)
        {
            trees.Editor.ForceLog();
            outcome = search.Run(bySize => TakeSmaller(attempt, bySize));
        }

        if (outcome == SizeSearch.Outcome.Found) Finish(attempt, search.Free, search.Start, search.Length);
    }

    /// <summary>No free extent is long enough: the longest one must serve, or a block of the AGFL.</summary>
    /// <returns>True where the position in the cntbt is now its last record, which serves.</returns>
    private bool TakeSmaller(AllocationAttempt attempt, BtreeEditor bySize)
    {
        GroupHeader header = attempt.Header;
        if (bySize.Previous()) return FreeSpaceEditor.Read(header, bySize).Length >= attempt.MinLength;
        bool serves = attempt.MinLength == 1 && attempt.Alignment == 1
            && attempt.Request.Reservation != BlockReservation.FreeList
            && header.FreeList.Count > attempt.Request.MinLeft;
        if (!serves || header.FreeList.Take() is not { } block) return false;
        header.Busy.Reuse(block.Value, 1);
        reverseMap.Unmap(header, block.Value, 1, ExtentOwner.Ag);
        attempt.Found(block.Value, 1, fromFreeList: true);
        return false;
    }

    private void Finish(AllocationAttempt attempt, FreeRecord free, uint start, uint length)
    {
        _freeSpace.Remove(attempt.Header, free, start, length);
        attempt.Found(start, length);
    }

    private void Mark(GroupHeader header, uint start, uint length)
    {
        var geometry = trees.Editor.Geometry;
        trees.Editor.MarkAllocated(
            geometry.ByteOf(header.Ag, new(start)), (long)length << geometry.BlockLog);
    }

    private void ForgetOtherSteps()
    {
        if (_step == trees.Editor.StepsDone) return;
        _step = trees.Editor.StepsDone;
        _highestGroup = null;
    }
}
