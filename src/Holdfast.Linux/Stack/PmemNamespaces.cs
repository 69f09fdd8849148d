// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Stack;

/// <summary>
/// Where the bytes of a persistent-memory block device lie in physical memory. Its "device" in sysfs is the namespace,
/// or the pfn device that keeps a map of its pages on it; "resource" of either is the physical address of its first
/// byte of data, behind that map (drivers/nvdimm/pfn_devs.c), "size" how many bytes there are.
/// </summary>
public static class PmemNamespaces
{
    /// <param name="name">Of the block device or partition, as in /sys/class/block.</param>
    /// <param name="why">Where there are none: why.</param>
    /// <returns>The physical addresses of the device's bytes; null where they have none, or none that can be told.
    /// </returns>
    public static ByteRange? Find(KernelRoots roots, string name, out string why)
    {
        why = $"{name} is no persistent memory";
        if (BlockDevice.Find(roots, name) is not { } device) return null;
        BlockDevice disk = device.Disk ?? device;
        string link = Path.Combine(roots.Sys, "class/block", disk.Name, "device");
        string? folder = Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName;
        string kind = Path.GetFileName(folder ?? "");
        if (kind.StartsWith("btt", StringComparison.Ordinal))
        {
            why = $"{name} is in sector mode: its sectors have no place of their own in memory";
            return null;
        }

        bool isPmem = kind.StartsWith("namespace", StringComparison.Ordinal)
            || kind.StartsWith("pfn", StringComparison.Ordinal);
        if (!isPmem) return null;
        why = $"where {name} lies in memory is not told";
        if (Number(Path.Combine(folder!, "resource")) is not (> 0 and var start)) return null;
        long size = Number(Path.Combine(folder!, "size")) ?? disk.Size ?? 0;
        long first = start + device.PartitionStart;
        long length = Math.Min(device.Size ?? size, size - device.PartitionStart);
        bool isSound = length > 0 && first > 0 && first <= long.MaxValue - length;
        return isSound ? new(first, length) : null;
    }

    /// <summary>"0x240000000" or "12884901888".</summary>
    private static long? Number(string path)
    {
        try
        {
            ReadOnlySpan<char> text = File.ReadAllText(path).AsSpan().Trim();
            bool isHex = text.StartsWith("0x", StringComparison.Ordinal);
            NumberStyles style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
            return long.TryParse(isHex ? text[2..] : text, style, CultureInfo.InvariantCulture, out long number)
                ? number
                : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
