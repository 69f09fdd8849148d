// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Programs;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// What xfs_repair has to say of an image that was recovered without its log being emptied: that the log is there, and
/// that the superblock's counters are old, is no complaint: a mount counts anew.
/// </summary>
internal static class RepairComplaints
{
    private static readonly string[] Expected =
        ["sb_", "ALERT: The filesystem has valuable", "ignored because the -n option", "which may be resolved by"];

    public static IEnumerable<string> Of(ProgramRun check) => ForkCase.Complaints(check).Where(
        line => !Expected.Any(start => line.StartsWith(start, StringComparison.Ordinal)));
}
