// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>Where blocks are looked for.</summary>
internal enum AllocationSearch
{
    /// <summary>Anywhere in the target's group, and nowhere else: by size.</summary>
    ThisGroup,

    /// <summary>As near the target as can be, in its group only.</summary>
    Near,

    /// <summary>At the target or not at all.</summary>
    Exact,

    /// <summary>As near the target as can be; then in the groups after it, then in those before it.</summary>
    StartGroup,

    /// <summary>By size, in the target's group and then in those after it.</summary>
    FirstGroup,
}

/// <summary>What is wanted of an allocation. Lengths are in blocks.</summary>
internal sealed record AllocationRequest
{
    public required FsBlock Target { get; init; }

    public required AllocationSearch Search { get; init; }

    public uint MinLength { get; init; } = 1;

    public uint MaxLength { get; init; } = 1;

    /// <summary>The start is a multiple of this within its group.</summary>
    public uint Alignment { get; init; } = 1;

    /// <summary>The length, less <see cref="Remainder"/>, is a multiple of this, if it can be.</summary>
    public uint Product { get; init; } = 1;

    public uint Remainder { get; init; }

    /// <summary>Blocks that must stay free in the group for what comes after in the same step.</summary>
    public uint MinLeft { get; init; }

    /// <summary>Blocks that the whole step takes at most; 0 where that is not known.</summary>
    public uint Total { get; init; }

    /// <summary>Entered into the reverse map at once; null where the caller puts that off.</summary>
    public ExtentOwner? Owner { get; init; }

    public BlockReservation Reservation { get; init; }
}

/// <summary>Blocks that were taken from free space, all in one group.</summary>
internal readonly record struct Allocation(FsBlock Start, uint Length);
