// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;

namespace Holdfast.Core;

/// <summary>What a notifier is made of.</summary>
public sealed record NotifierOptions
{
    /// <summary>Opens the ledger.</summary>
    public required Func<FailureLedger> OpenLedger { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>For ids and the jitter of retries; used by one task at a time.</summary>
    public required Random Random { get; init; }

    /// <summary>Name of this host, in every record that leaves it.</summary>
    public required string Host { get; init; }

    public required IResolverSource Resolvers { get; init; }

    public RuleSet Rules { get; init; } = RuleSet.None;

    public IReadOnlyList<ConfiguredParty> Parties { get; init; } = [];

    public IReadOnlyList<IPolicy> Policies { get; init; } = [];

    public PublisherOptions Publisher { get; init; } = new();

    public PushOptions Push { get; init; } = new();

    /// <summary>How often it is looked whether a lease or a party has ended.</summary>
    public TimeSpan TendEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of reports kept in memory while the ledger is away.</summary>
    public long SpoolBytesMax { get; init; } = 16 << 20;
}
