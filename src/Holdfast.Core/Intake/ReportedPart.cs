// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Intake;

/// <summary>
/// What of a report is one device's matter: bytes that lie on a device below are that one's, for the same fault is
/// heard there, too (C8).
/// </summary>
/// <param name="Ranges">Bytes of that device which the report names.</param>
/// <param name="Scope">Bytes of that device which a complete list speaks of.</param>
/// <param name="Note">Where it was heard, if that was elsewhere.</param>
internal sealed record ReportedPart(
    long Device, ByteRangeSet Ranges, ByteRangeSet Scope, string? Note)
{
    internal static IEnumerable<ReportedPart> Of(LedgerSession session, long device, Report report)
    {
        ByteRange scope = report.Scope ?? new ByteRange(0, long.MaxValue);
        var looked = ByteRangeSet.From(report.Looked?.Within(scope) ?? [scope]);
        // Of a device as a whole, or of what is away, the devices below say nothing.
        List<LedgerPlace> places = report.Kind == FailureKind.Absent
            ? []
            : [.. Asked(report, scope).SelectMany(range => PlaceRows.Below(session, device, range))];
        if (places.Count == 0) return [new(device, report.Ranges, looked, null)];
        var below = ByteRangeSet.From(places.Select(at => at.AboveRange));
        var parts = new List<ReportedPart>
        {
            new(device, report.Ranges.Except(below), looked.Except(below), null),
        };
        foreach (IGrouping<long, LedgerPlace> on in places.GroupBy(at => at.Below))
        {
            parts.Add(new(
                on.Key, ByteRangeSet.From(on.SelectMany(place => Below(place, report.Ranges))),
                ByteRangeSet.From(on.SelectMany(place => Below(place, looked))), $"heard of at {report.Device.Name}"));
        }

        return parts;
    }

    private static ByteRangeSet Asked(Report report, ByteRange scope) =>
        report.IsComplete ? ByteRangeSet.From([scope]) : report.Ranges;

    private static IEnumerable<ByteRange> Below(LedgerPlace place, ByteRangeSet ranges) =>
        ranges.Within(place.AboveRange).Select(range => place.WithinAbove(range).BelowRange);
}
