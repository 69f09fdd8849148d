// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Delivery;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Queries;

/// <summary>A party with how far behind it is.</summary>
public sealed record PartyView(Party Party, long Behind, long Pending, long Dead, long Unknown);

/// <summary>Parties read out.</summary>
internal static class PartyQueries
{
    internal static IReadOnlyList<PartyView> All(LedgerSession session)
    {
        long last = Feed.LastSequence(session);
        return Parties.All(session).ConvertAll(party => new PartyView(
            party, last - party.Cursor, Count(session, party, DeliveryState.Pending),
            Count(session, party, DeliveryState.Dead), Count(session, party, DeliveryState.Unknown)));
    }

    private static long Count(LedgerSession session, Party party, DeliveryState state) =>
        party.Kind == PartyKind.Subscriber
            ? 0
            : session.Scalar<long>(
                "SELECT count(*) FROM deliveries WHERE party = ?1 AND state = ?2", party.Name, (long)state);
}
