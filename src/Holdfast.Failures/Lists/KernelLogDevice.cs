// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>
/// What a kernel log says of one block device. Low confidence throughout: a line blames the rest of a request, a whole
/// buffer, or a place without a length, of which as little as one sector may be lost.
/// </summary>
/// <param name="Name">The device as the lines name it: "sdb", "sdb1", "dm-0", "nvme0n1". Offsets are its own.</param>
/// <param name="Lines">How many lines blame it.</param>
public sealed record KernelLogDevice(string Name, IReadOnlyList<ReportedRange> Ranges, long Lines);
