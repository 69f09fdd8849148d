// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Processes;

/// <summary>A file whose users are asked for.</summary>
/// <param name="Device">Of its filesystem, as stat(2) has it.</param>
/// <param name="Lost">Bytes of the file.</param>
public sealed record LostFile(DeviceNumber Device, ulong Inode, ByteRangeSet Lost);
