// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>Until when nobody is to be pushed, about what, who said so and why.</summary>
public sealed record Silence(
    string Name, PartyFilter Filter, long? Device, DateTimeOffset Until, string Owner, string? Note)
{
    internal bool Covers(FeedItem item) =>
        (Device is null || Device == item.Notice.Device) && FilterMatch.Holds(Filter, item);
}

/// <summary>Silences in the ledger. They end by themselves.</summary>
internal static class Silences
{
    internal static void Put(LedgerSession session, Silence silence) => session.Execute(
        """
        INSERT INTO silences (name, path, fs, device, until, owner, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (name) DO UPDATE SET path = ?2, fs = ?3, device = ?4, until = ?5, owner = ?6, note = ?7
        """,
        silence.Name, silence.Filter.Path?.ToArray(), silence.Filter.Filesystem, silence.Device,
        LedgerSession.Microseconds(silence.Until), silence.Owner, silence.Note);

    internal static bool Remove(LedgerSession session, string name) =>
        session.Execute("DELETE FROM silences WHERE name = ?1", name) > 0;

    /// <summary>Why nobody is to be pushed about a notice; null where nothing speaks against it.</summary>
    internal static string? ReasonFor(IReadOnlyList<Silence> silences, FeedItem item) =>
        silences.FirstOrDefault(silence => silence.Covers(item)) is { } silence
            ? $"silenced until {silence.Until:u} by {silence.Owner}"
            : null;

    /// <summary>Those in force now.</summary>
    internal static List<Silence> InForce(LedgerSession session) => session.Rows(
        "SELECT name, path, fs, device, until, owner, note FROM silences WHERE until > ?1 ORDER BY name", Of,
            session.Now);

    private static Silence Of(LedgerRow row) => new(
        row.GetString(0),
        new(row.BytesAt(1), row.StringAt(2), null, null),
        row.Int64At(3), LedgerSession.TimeOf(row.GetInt64(4)), row.GetString(5),
        row.StringAt(6));
}
