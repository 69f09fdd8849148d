// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Configuration;

/// <summary>A device that is read through every now and then, as the configuration has it.</summary>
/// <param name="Name">Its place is kept under this name.</param>
/// <param name="Device">An identity, or an absolute path.</param>
public sealed record ConfiguredScan(string Name, string Device)
{
    /// <summary>From the beginning of one to that of the next.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Only what a filesystem on it has in use.</summary>
    public bool IsAllocated { get; init; }

    /// <summary>Bytes a second; null: as fast as it goes while nobody else uses the disk.</summary>
    public long? RateMax { get; init; }

    /// <summary>How long requests of others may last, in the mean; null: it only rests between its reads.</summary>
    public TimeSpan? LatencyMax { get; init; }

    /// <summary>When it may read; null: always.</summary>
    public DailyWindow? Window { get; init; }
}

/// <summary>Hours of each day, by local time; across midnight where it ends before it begins.</summary>
public readonly record struct DailyWindow(TimeOnly From, TimeOnly To)
{
    public bool Contains(TimeOnly time) => time.IsBetween(From, To);

    /// <summary>How long until it opens; zero while it is open.</summary>
    public TimeSpan Until(TimeOnly time) => Contains(time) ? TimeSpan.Zero : From - time;
}
