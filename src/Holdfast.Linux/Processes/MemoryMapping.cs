// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Processes;

/// <summary>A piece of a process's memory that is a file's.</summary>
/// <param name="Start">Address of its first byte; <paramref name="End"/> of the first behind it.</param>
/// <param name="Offset">Byte of the file at the start.</param>
/// <param name="Device">As the kernel shows it: of an overlay its own, not that of the file below.</param>
internal readonly record struct MemoryMapping(
    ulong Start, ulong End, long Offset, DeviceNumber Device, ulong Inode, bool IsShared, bool IsWritable);
