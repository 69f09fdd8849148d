// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Linux;
using Holdfast.Linux.Devices;

namespace Holdfast.Daemon.Importing;

/// <summary>What a dropped list is.</summary>
internal enum ImportKind
{
    Mapfile,
    Badblocks,
    Smartctl,
    KernelLog,
}

/// <summary>
/// The name of a dropped file: the device's under /dev or /dev/disk/by-id, with '!' for '/' as in sysfs, then a dot and
/// the kind: "sdb.mapfile", "ata-ST4000_Z1.smartctl.json", "mapper!vg-root.badblocks4096".
/// </summary>
/// <param name="BlockSize">Bytes of a block of badblocks.</param>
internal sealed partial record ImportName(string Device, ImportKind Kind, long BlockSize)
{
    private const long SectorSize = 512;
    private const long BlockSizeMax = 1 << 20;

    /// <exception cref="InvalidDataException">It names no device or no kind.</exception>
    internal static ImportName Parse(string name)
    {
        Match match = Form().Match(name);
        if (!match.Success)
        {
            throw new InvalidDataException(
                "its name is none: DEVICE.mapfile, .badblocks, .badblocks4096, .smartctl.json or .kmsg");
        }

        string device = match.Groups["device"].Value.Replace('!', '/');
        if (device.Split('/').Any(part => part is "" or "." or ".."))
        {
            throw new InvalidDataException("its name leads out of /dev");
        }

        string kind = match.Groups["kind"].Value;
        if (kind == "mapfile") return new(device, ImportKind.Mapfile, 1);
        if (kind == "smartctl.json") return new(device, ImportKind.Smartctl, 1);
        if (kind == "kmsg") return new(device, ImportKind.KernelLog, 1);
        string size = match.Groups["size"].Value;
        if (size.Length == 0) return new(device, ImportKind.Badblocks, SectorSize);
        bool isSize = long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            && bytes is >= SectorSize and <= BlockSizeMax && bytes % SectorSize == 0;
        return isSize
            ? new(device, ImportKind.Badblocks, bytes)
            : throw new InvalidDataException($"blocks of {size} bytes: not a multiple of 512 up to 1 MiB");
    }

    /// <exception cref="InvalidDataException">There is no such block device now.</exception>
    internal BlockDevice Find(KernelRoots roots)
    {
        string[] places = [Path.Combine(roots.Dev, Device), Path.Combine(roots.Dev, "disk/by-id", Device)];
        return places.Select(place => BlockDevice.At(place, roots)).FirstOrDefault(found => found is not null)
            ?? throw new InvalidDataException(
                $"there is no block device {places[0]} nor {places[1]} now: drop it again once there is");
    }

    [GeneratedRegex(
        @"\A(?<device>[^/\0]+?)\.(?<kind>mapfile|smartctl\.json|kmsg|badblocks(?<size>[0-9]{0,8}))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
