// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;

namespace Holdfast.Linux.Stack;

/// <summary>
/// Persistent memory under a block device, as sysfs has it (sysfs-bus-nvdimm in the kernel's ABI documents, and
/// drivers/nvdimm): a region of physical memory, a namespace in it, and in "fsdax" a pfn device in that, which keeps
/// what it knows of the pages before the data. "resource" is a physical address, and of a pfn device that of its data.
/// </summary>
/// <param name="Namespace">As "namespace0.0".</param>
/// <param name="Region">As "region0".</param>
/// <param name="Data">Physical addresses of the block device's bytes; null where they have no lasting place.</param>
/// <param name="NamespaceBytes">Physical addresses of the namespace; null where the kernel does not say.</param>
/// <param name="RegionBytes">Those of the region; null as well.</param>
/// <param name="Uuid">The namespace's, else that of what lies in it; null where neither has one.</param>
internal sealed record PmemDevice(
    string Namespace, string Region, ByteRange? Data, ByteRange? NamespaceBytes, ByteRange? RegionBytes, string? Uuid)
{
    /// <summary>
    /// The sectors go through a table that is rewritten with them (btt.rst): no byte has a lasting place.
    /// </summary>
    internal bool IsMapped { get; private init; }

    /// <returns>Null where the device is no persistent memory.</returns>
    /// <param name="folder">What the link "device" of the block device leads to.</param>
    /// <param name="size">Bytes of the block device.</param>
    internal static PmemDevice? Read(string folder, long size)
    {
        string name = Path.GetFileName(folder);
        bool isMapped = name.StartsWith("btt", StringComparison.Ordinal);
        bool isClaim = isMapped || name.StartsWith("pfn", StringComparison.Ordinal);
        if (!isClaim && !name.StartsWith("namespace", StringComparison.Ordinal)) return null;
        if (Path.GetDirectoryName(folder) is not { } region) return null;
        string? space = isClaim ? Text(folder, "namespace") : name;
        if (space is null or "" || space.Contains('/')) return null;
        string inside = Path.Combine(region, space);
        return new(
            space, Path.GetFileName(region),
            isMapped ? null : RangeOf(Address(folder), size),
            RangeOf(Address(inside), Number(Text(inside, "size"))),
            RangeOf(Address(region), Number(Text(region, "size"))),
            Lasting(Text(inside, "uuid")) ?? Lasting(Text(folder, "uuid")))
        {
            IsMapped = isMapped,
        };
    }

    private static ByteRange? RangeOf(long? start, long? length) =>
        start is { } from && length is > 0 && length <= long.MaxValue - from ? new(from, length.Value) : null;

    private static string? Lasting(string? uuid) => uuid?.Trim('0', '-') is { Length: > 0 } ? uuid : null;

    private static long? Address(string folder) => Text(folder, "resource") is { } text
        && text.StartsWith("0x", StringComparison.Ordinal)
        && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long at)
        && at > 0
            ? at
            : null;

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>Addresses are root's alone, and an idle device has none.</summary>
    private static string? Text(string folder, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, name)).Trim();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
