// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>A party that the configuration names.</summary>
public sealed record ConfiguredParty(string Name, PartyFilter Filter, int? ExpireDays = null);

/// <summary>Runs all configured parties, each by itself.</summary>
internal sealed class PushEngine(FailureLedger ledger, PushLaneServices services, FeedListeners listeners)
{
    private readonly List<PushParty> _parties = [];

    /// <summary>Puts the configuration's parties into the ledger, and settles what a former run left open.</summary>
    internal async Task PrepareAsync(IReadOnlyList<ConfiguredParty> configured, CancellationToken cancellationToken)
    {
        List<Party> parties = await ledger.WriteAsync(
            session =>
            {
                DeliveryRows.Recover(session, services.Run);
                foreach (Party known in Parties.All(session))
                {
                    bool isGone = known.Kind == PartyKind.Configured && !configured.Any(at => at.Name == known.Name);
                    if (isGone) Parties.Remove(session, known.Name);
                }

                return configured.Select(at => Parties.Put(
                    session, at.Name, PartyKind.Configured, at.Filter, at.ExpireDays)).ToList();
            },
            cancellationToken);
        _parties.AddRange(parties.Select(party => new PushParty(ledger, services, party, listeners)));
    }

    internal void Wake()
    {
        foreach (PushParty party in _parties) party.Wake();
    }

    /// <summary>What could not be written down is told all the same (C1). Nobody waits for it.</summary>
    internal void TellUndurable(FeedItem item)
    {
        foreach (PushParty party in _parties) party.TellUndurable(item);
    }

    internal async Task RunAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_parties.Select(party => party.RunAsync(cancellationToken)));
}
