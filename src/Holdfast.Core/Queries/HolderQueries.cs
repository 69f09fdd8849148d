// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Queries;

/// <summary>A holder with the names of its devices and what waits for it.</summary>
public sealed record HolderView(Holder Holder, IReadOnlyList<DeviceIdentity> Devices, long Waiting);

/// <summary>Holders read out.</summary>
internal static class HolderQueries
{
    internal static IReadOnlyList<HolderView> All(LedgerSession session) =>
        HolderRows.All(session).ConvertAll(holder => ViewOf(session, holder));

    internal static HolderView ViewOf(LedgerSession session, Holder holder) => new(
        holder,
        [.. holder.Ranges.Select(
            range => Intake.DeviceRows.Find(session, range.Device) ?? new DeviceIdentity("", false, "", null))],
        holder.Instance is { } instance
            ? session.Scalar<long>(
                "SELECT count(*) FROM notices INDEXED BY notices_waiting WHERE state = 0 AND instance = ?1", instance)
            : WaitingOn(session, holder));

    /// <summary>Before the superblock is read notices have only a place.</summary>
    private static long WaitingOn(LedgerSession session, Holder holder) =>
        holder.Ranges.Sum(range => session.Scalar<long>(
        "SELECT count(*) FROM notices WHERE state = 0 AND device = ?1 AND offset < ?3 AND offset + length > ?2",
        range.Device, range.Range.Offset, range.Range.End));
}
