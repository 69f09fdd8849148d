// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Holders;

/// <summary>What a holder says of itself: a claim, its renewal, or how far it has come.</summary>
public sealed record HolderClaim
{
    public required string Name { get; init; }

    public required IReadOnlyList<HolderRange> Ranges { get; init; }

    /// <summary>Where its devices lie on others, as far as that can be told now.</summary>
    public IReadOnlyList<DevicePlace> Places { get; init; } = [];

    public required HolderState State { get; init; }

    /// <summary>Needed from <see cref="HolderState.SuperblockRead"/> on.</summary>
    public FilesystemIdentity? Filesystem { get; init; }

    /// <summary>What is not named is deferred until the log is recovered, and handled from then on (C4).</summary>
    public IReadOnlyDictionary<HolderState, HolderDecision> Decisions { get; init; } =
        new Dictionary<HolderState, HolderDecision>();

    public required TimeSpan Lease { get; init; }

    /// <summary>
    /// The epoch that a former answer gave; null: a new claim, which fences off an older one of this name.
    /// </summary>
    public long? Epoch { get; init; }
}

/// <summary>One range of a device. A length of 0 means up to the device's end, where its size is known.</summary>
public sealed record HolderRange(DeviceIdentity Device, DeviceRole Role, ByteRange Range);
