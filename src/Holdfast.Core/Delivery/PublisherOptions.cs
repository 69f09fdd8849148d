// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>Limits of publication.</summary>
public sealed record PublisherOptions
{
    /// <summary>
    /// Notices resolved together: each time more is known to be bad the filesystem is opened anew, so that a storm is
    /// asked about in few questions.
    /// </summary>
    public int BatchMax { get; init; } = 4096;

    /// <summary>Answers written in one piece, so that nobody else waits long for the ledger.</summary>
    public int WriteMax { get; init; } = 256;

    /// <summary>Notices that are published with the report that made them, where their filesystem answers in
    /// <see cref="AtOnceTimeMax"/>.</summary>
    public int AtOnceMax { get; init; } = 16;

    /// <summary>The ledger's writer waits no longer: everybody else waits for it.</summary>
    public TimeSpan AtOnceTimeMax { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>One that did not answer then is not asked so again for so long.</summary>
    public TimeSpan AtOnceRest { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A filesystem that does not answer in this time is left alone for as long again.</summary>
    public TimeSpan ResolveTimeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A notice that waits longer for its filesystem goes out unresolved, and once more when that is live: whoever
    /// could act must not stay uninformed because a filesystem cannot be mounted.
    /// </summary>
    public TimeSpan DeferMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often open failures are resolved again (C12): what was free then is allocated now.</summary>
    public TimeSpan AgainEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The first time that, and what did not answer is asked again after so long, then after twice as long.
    /// </summary>
    public TimeSpan AgainFirst { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long whoever looks at a failure waits for a fresh answer, before they get the last one.</summary>
    public TimeSpan AgainWaitMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Questions to one filesystem that hang; with so many it is asked no more until one ends.</summary>
    public int LeftBehindMax { get; init; } = 4;

    /// <summary>A filesystem that nobody asked about for so long is closed.</summary>
    public TimeSpan CloseAfter { get; init; } = TimeSpan.FromMinutes(1);
}
