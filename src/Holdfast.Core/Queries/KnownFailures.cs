// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Queries;

/// <summary>What is known of a device's medium, for whoever holds a list against it.</summary>
/// <param name="Sequence">The last number in the history of its failures; 0: nothing ever happened.</param>
/// <param name="Bad">Bytes that are suspect or confirmed.</param>
/// <param name="Named">Those of them that the asked source has named.</param>
public sealed record KnownFailures(long Sequence, ByteRangeSet Bad, ByteRangeSet Named)
{
    public static KnownFailures Nothing { get; } = new(0, ByteRangeSet.Empty, ByteRangeSet.Empty);

    internal static KnownFailures Of(LedgerSession session, string identity, string source)
    {
        long? device = session.Scalar<long?>("SELECT id FROM devices WHERE identity = ?1", identity);
        if (device is null) return Nothing;
        long sequence = session.Scalar<long>(
            "SELECT coalesce(max(h.seq), 0) FROM history h JOIN failures f ON f.id = h.failure WHERE f.device = ?1",
            device);
        List<(ByteRange Range, bool IsNamed)> bad = session.Rows(
            """
            SELECT offset, length, (' ' || sources || ' ') LIKE ?3 FROM failures
            WHERE active AND device = ?1 AND kind = ?2 AND medium IN (?4, ?5) ORDER BY offset
            """,
            row => (new ByteRange(row.GetInt64(0), row.GetInt64(1)), row.GetInt64(2) != 0),
            device, (long)FailureKind.Media, $"% {source} %", (long)MediumState.Suspect, (long)MediumState.Confirmed);
        return new(
            sequence, ByteRangeSet.From(bad.Select(at => at.Range)),
            ByteRangeSet.From(bad.Where(at => at.IsNamed).Select(at => at.Range)));
    }
}
