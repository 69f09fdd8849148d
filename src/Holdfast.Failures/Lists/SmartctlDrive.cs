// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Holdfast.Failures.Lists;

/// <summary>The drive that smartctl was asked about, as far as its output tells.</summary>
public sealed record SmartctlDrive
{
    public const long BlockSizeMin = 512;
    public const long BlockSizeMax = 1 << 20;

    /// <summary>The name smartctl was given: "/dev/sda".</summary>
    public string? Name { get; init; }

    public string? Model { get; init; }

    public string? SerialNumber { get; init; }

    /// <summary>World Wide Name as sysfs writes it: "naa.5000c500a1b2c3d4"; of NVMe "eui.0025385b71b0a1c2".</summary>
    public string? WorldWideName { get; init; }

    /// <summary>The drive's logical block, the unit of its addresses, in bytes.</summary>
    public required long LogicalBlockSize { get; init; }

    /// <summary>What the drive reads, writes and loses at once, in bytes; never less than a logical block.</summary>
    public required long PhysicalBlockSize { get; init; }

    /// <summary>The output itself gave the logical block size.</summary>
    public bool BlockSizeKnown { get; init; }

    /// <summary>The NVMe namespace that was asked about; null for other drives.</summary>
    public long? Namespace { get; init; }

    internal static bool IsBlockSize(long size) =>
        size is >= BlockSizeMin and <= BlockSizeMax && BitOperations.IsPow2(size);
}
