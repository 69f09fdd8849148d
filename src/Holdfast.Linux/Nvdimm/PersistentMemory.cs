// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Nvdimm;

/// <summary>Physical memory that is the content of a block device.</summary>
/// <param name="Memory">Bytes of physical memory; the first is byte 0 of the device.</param>
/// <param name="Region">The region that it lies in: "region0".</param>
/// <param name="Device">Null where there is no block device: a namespace used as devdax.</param>
public sealed record PersistentMemory(ByteRange Memory, string Region, BlockDevice? Device);

/// <summary>
/// Persistent memory as sysfs shows it (/sys/bus/nd/devices). A namespace's "resource" is where it begins. Where a pfn
/// or dax device has it, that device's "resource" is where the data begins, behind its label and the kernel's table of
/// pages (nd_pfn: namespace start + padding + data offset), and its "size" is the data's. A namespace in sector mode
/// (btt) has its blocks in no fixed order: of it no byte can be told.
/// </summary>
public static class PersistentMemories
{
    private const int DevicesMax = 65_536;
    private static readonly string[] Carriers = ["pfn", "dax"];

    public static IReadOnlyList<PersistentMemory> ReadAll(KernelRoots roots)
    {
        string folder = Folder(roots);
        if (!Directory.Exists(folder)) return [];
        var found = new List<PersistentMemory>();
        foreach (string path in Directory.EnumerateDirectories(folder).Take(DevicesMax))
        {
            string name = Path.GetFileName(path);
            bool isNamespace = name.StartsWith("namespace", StringComparison.Ordinal);
            if (!isNamespace && !Carriers.Any(carrier => name.StartsWith(carrier, StringComparison.Ordinal))) continue;
            // One that something else carries is that one's matter: its own start is not the data's.
            if (isNamespace && Text(Path.Combine(path, "holder")) is { Length: > 0 }) continue;
            if (RegionOf(name) is not { } region || RangeOf(path) is not { } memory) continue;
            found.Add(new(memory, region, DeviceOf(path, roots)));
        }

        return found;
    }

    /// <summary>Physical memory of a region ("region0"); null where sysfs does not say.</summary>
    public static ByteRange? RegionRange(KernelRoots roots, string region) =>
        RangeOf(Path.Combine(Folder(roots), region));

    internal static string Folder(KernelRoots roots) => Path.Combine(roots.Sys, "bus/nd/devices");

    /// <summary>Both numbers of "namespace1.0", "pfn1.0" and "dax1.0": the first is the region's.</summary>
    private static string? RegionOf(string name)
    {
        int start = name.AsSpan().IndexOfAnyInRange('0', '9');
        int dot = name.IndexOf('.');
        return start > 0 && dot > start
            && int.TryParse(name.AsSpan(start..dot), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? string.Create(CultureInfo.InvariantCulture, $"region{number}")
            : null;
    }

    /// <summary>"resource", hexadecimal, and "size", decimal; null where it is not active or root's alone.</summary>
    private static ByteRange? RangeOf(string path)
    {
        string? resource = Text(Path.Combine(path, "resource"));
        if (resource is null || !resource.StartsWith("0x", StringComparison.Ordinal)) return null;
        if (!long.TryParse(resource.AsSpan(2), NumberStyles.AllowHexSpecifier, null, out long start)) return null;
        if (!long.TryParse(Text(Path.Combine(path, "size")), NumberStyles.None, null, out long size)) return null;
        return start >= 0 && size > 0 && size <= long.MaxValue - start ? new ByteRange(start, size) : null;
    }

    /// <summary>The disk is a child of whatever carries the data: "block/pmem0".</summary>
    private static BlockDevice? DeviceOf(string path, KernelRoots roots)
    {
        string folder = Path.Combine(path, "block");
        if (!Directory.Exists(folder)) return null;
        return Directory.EnumerateDirectories(folder).Select(disk => BlockDevice.Find(roots, Path.GetFileName(disk)))
            .FirstOrDefault(disk => disk is not null);
    }

    private static string? Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // ENXIO: the device is not active, and has no address.
            return null;
        }
    }
}
