// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>Limits of publication.</summary>
public sealed record PublisherOptions
{
    /// <summary>Notices resolved together, for one opening of the filesystem.</summary>
    public int BatchMax { get; init; } = 256;

    /// <summary>A filesystem that does not answer in this time is left alone for as long again.</summary>
    public TimeSpan ResolveTimeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A notice that waits longer for its filesystem goes out unresolved, and once more when that is live: whoever
    /// could act must not stay uninformed because a filesystem cannot be mounted.
    /// </summary>
    public TimeSpan DeferMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Questions to one filesystem that hang; with so many it is asked no more until one ends.</summary>
    public int LeftBehindMax { get; init; } = 4;

    /// <summary>A filesystem that nobody asked about for so long is closed.</summary>
    public TimeSpan CloseAfter { get; init; } = TimeSpan.FromMinutes(1);
}
