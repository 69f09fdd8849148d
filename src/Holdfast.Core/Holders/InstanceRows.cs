// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Holders;

/// <summary>Filesystem instances in the ledger (C6).</summary>
internal static class InstanceRows
{
    /// <summary>An instance that nothing has replaced.</summary>
    internal sealed record Instance(long Number, FilesystemIdentity Filesystem, long? CandidateOf);

    private const string Columns = "SELECT id, type, uuid, metadata_uuid, candidate_of FROM instances";

    internal static Instance? Find(LedgerSession session, long number) =>
        session.Row($"{Columns} WHERE id = ?1 AND replaced_by IS NULL", Of, number);

    /// <summary>Instances that lie on any of these bytes.</summary>
    internal static List<Instance> On(LedgerSession session, IEnumerable<ClaimedRange> ranges) =>
        [.. ranges.SelectMany(range => session.Rows(
                $"""
                {Columns} WHERE replaced_by IS NULL AND id IN (
                    SELECT instance FROM instance_ranges WHERE device = ?1 AND offset < ?3 AND offset + length > ?2)
                ORDER BY id
                """,
                Of, range.Device, range.Range.Offset, range.Range.End))
            .DistinctBy(instance => instance.Number)];

    /// <summary>The oldest instance of the same UUID, wherever it lies.</summary>
    internal static Instance? OfUuid(LedgerSession session, FilesystemIdentity filesystem) =>
        filesystem.Uuid.Length == 0
            ? null
            : session.Rows($"{Columns} WHERE uuid = ?1 AND replaced_by IS NULL ORDER BY id", Of, filesystem.Uuid)
                .Find(instance => instance.Filesystem == filesystem);

    internal static List<ClaimedRange> RangesOf(LedgerSession session, long instance) => session.Rows(
        "SELECT device, role, offset, length FROM instance_ranges WHERE instance = ?1 ORDER BY role, device, offset",
        row => new ClaimedRange(row.GetInt64(0), (DeviceRole)row.GetInt64(1), new(row.GetInt64(2), row.GetInt64(3))),
        instance);

    internal static long Add(
        LedgerSession session, FilesystemIdentity filesystem, IReadOnlyList<ClaimedRange> ranges, long? candidateOf)
    {
        long number = session.Scalar<long>(
            "INSERT INTO instances (type, uuid, metadata_uuid, candidate_of, created) VALUES (?1, ?2, ?3, ?4, ?5)"
            + " RETURNING id",
            filesystem.Type, filesystem.Uuid, filesystem.MetadataUuid, candidateOf, session.Now);
        PutRanges(session, number, ranges);
        return number;
    }

    internal static void PutRanges(LedgerSession session, long instance, IReadOnlyList<ClaimedRange> ranges)
    {
        session.Execute("DELETE FROM instance_ranges WHERE instance = ?1", instance);
        foreach (ClaimedRange range in ranges)
        {
            session.Execute(
                "INSERT INTO instance_ranges (instance, device, role, offset, length) VALUES (?1, ?2, ?3, ?4, ?5)",
                instance, range.Device, (long)range.Role, range.Range.Offset, range.Range.Length);
        }
    }

    internal static void Replace(LedgerSession session, long instance, long by) =>
        session.Execute("UPDATE instances SET replaced_by = ?2 WHERE id = ?1", instance, by);

    private static Instance Of(LedgerRow row) => new(
        row.GetInt64(0),
        new(row.GetString(1), row.GetString(2), row.StringAt(3)),
        row.Int64At(4));
}
