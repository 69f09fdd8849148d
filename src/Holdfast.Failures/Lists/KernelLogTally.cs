// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>Lines of a kernel log that tell of errors and blame no range.</summary>
/// <param name="FailedWrites">Writes, discards and flushes that failed.</param>
/// <param name="OtherErrors">
/// Failures that are not the medium's: timeouts, transport errors, devices gone, requests refused, or without a place.
/// </param>
/// <param name="DamagedMetadata">Metadata that XFS could read and that failed its checks.</param>
/// <param name="Suppressed">Messages the kernel left out because they came too fast: the log is not complete.</param>
public readonly record struct KernelLogTally(
    long FailedWrites, long OtherErrors, long DamagedMetadata, long Suppressed);
