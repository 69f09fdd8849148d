// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>One attempt at an allocation in one group: what is wanted, cut to what the group can give.</summary>
internal sealed class AllocationAttempt(GroupHeader header, AllocationRequest request)
{
    public GroupHeader Header => header;

    public AllocationRequest Request => request;

    public uint Target { get; init; }

    public uint MinLength => request.MinLength;

    public uint MaxLength { get; set; } = request.MaxLength;

    public uint Alignment => Math.Max(1, request.Alignment);

    /// <summary>What was found: nothing where the length is 0.</summary>
    public uint Start { get; private set; }

    public uint Length { get; private set; }

    /// <summary>The block came off the AGFL, the group having nothing else.</summary>
    public bool IsFromFreeList { get; private set; }

    public void Found(uint start, uint length, bool fromFreeList = false)
    {
        Start = start;
        Length = length;
        IsFromFreeList = fromFreeList;
    }

    /// <summary>What of a free extent is not busy and begins where it may.</summary>
    /// <returns>Was a busy part cut off?</returns>
    public bool Align(FreeRecord free, out uint start, out uint length)
    {
        start = free.Start.Value;
        length = free.Length;
        bool isBusy = header.Busy.Trim(ref start, ref length, MinLength, MaxLength);
        if (Alignment > 1 && length >= MinLength)
        {
            ulong aligned = RoundUp(start);
            ulong skipped = aligned - start;
            length = skipped >= length ? 0 : length - (uint)skipped;
            start = (uint)Math.Min(aligned, uint.MaxValue);
        }

        return isBusy;
    }

    /// <summary>Lengths are a multiple of the product, and the remainder, where that leaves enough.</summary>
    public uint FixLength(uint length)
    {
        uint product = request.Product;
        uint remainder = request.Remainder;
        if (product <= 1 || length < remainder || length == MaxLength || (remainder == 0 && length < product))
        {
            return length;
        }

        uint over = length % product;
        if (over == remainder) return length;
        long fixedLength = over > remainder
            ? (long)length - (over - remainder)
            : (long)length - product + (remainder - over);
        return fixedLength < MinLength ? length : (uint)fixedLength;
    }

    /// <summary>Where in a free extent the blocks lie nearest the target.</summary>
    /// <returns>How far off that is; null where the alignment leaves no place.</returns>
    public uint? Nearest(uint freeStart, uint freeLength, uint wanted, out uint start)
    {
        ulong freeEnd = (ulong)freeStart + freeLength;
        ulong wantedEnd = (ulong)Target + wanted;
        ulong? best;
        if (freeStart >= Target)
        {
            ulong first = RoundUp(freeStart);
            best = first < freeEnd ? first : null;
        }
        else if (freeEnd >= wantedEnd)
        {
            best = Alignment > 1 ? NearestAligned(freeStart, freeEnd, wanted) : Target;
        }
        else
        {
            ulong last = freeEnd - wanted;
            ulong aligned = RoundUp(last);
            if (aligned > last && aligned >= Alignment + (ulong)freeStart) aligned -= Alignment;
            best = aligned < freeEnd ? aligned : null;
        }

        start = (uint)(best ?? 0);
        return best is null ? null : Distance(start);
    }

    private ulong? NearestAligned(uint freeStart, ulong freeEnd, uint wanted)
    {
        ulong behind = RoundUp(Target);
        ulong before = behind - Alignment;
        bool hasBehind = behind < freeEnd;
        bool hasBefore = behind >= Alignment && before >= freeStart;
        if (!hasBehind || !hasBefore) return hasBehind ? behind : hasBefore ? before : null;
        ulong lengthBehind = Math.Min(wanted, freeEnd - behind);
        ulong lengthBefore = Math.Min(wanted, freeEnd - before);
        bool isBeforeBetter = lengthBehind < lengthBefore
            || (lengthBehind == lengthBefore && Distance((uint)behind) > Distance((uint)before));
        return isBeforeBetter ? before : behind;
    }

    private uint Distance(uint start) => start > Target ? start - Target : Target - start;

    private ulong RoundUp(ulong block) => (block + Alignment - 1) / Alignment * Alignment;
}
