// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>One logical block that a drive's own logs call unreadable.</summary>
/// <param name="Log">Where in smartctl's output it stands: "ata_smart_self_test_log.extended.table[2]".</param>
/// <param name="Lba">The logical block address as the drive gave it.</param>
/// <param name="Reported">The physical sector that holds it.</param>
/// <param name="Namespace">The NVMe namespace it lies in; null where the log does not say, or means all.</param>
public sealed record SmartctlFinding(string Log, long Lba, ReportedRange Reported, long? Namespace);
