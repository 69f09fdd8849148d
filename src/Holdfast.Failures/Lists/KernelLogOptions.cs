// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>What a kernel log does not say about the devices it names.</summary>
public sealed record KernelLogOptions
{
    public const long DefaultSectorSize = 4096;

    /// <summary>
    /// Bytes a physical sector: what a line blames that names one sector. Most disks have 4096, also where their
    /// logical sector has 512.
    /// </summary>
    public long PhysicalSectorSize { get; init; } = DefaultSectorSize;

    /// <summary>
    /// Bytes a block of the device's page cache: the unit of "Buffer I/O error … logical block". 4096 for a device
    /// whose size is a multiple of it and that no filesystem with smaller blocks was mounted from.
    /// </summary>
    public long BufferBlockSize { get; init; } = DefaultSectorSize;
}
