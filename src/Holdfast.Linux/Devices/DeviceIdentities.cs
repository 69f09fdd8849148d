// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Records;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Devices;

/// <summary>
/// What a device or image is called whatever its node is called today: its World Wide Name, else its serial number.
/// What says nothing lasting of itself is said to have no stable identity, and goes by its path.
/// </summary>
public static class DeviceIdentities
{
    private const string OfPath = "path:";
    private const int NameLengthMax = 256;

    /// <param name="nameOrIdentity">A path, a kernel name (sdb), or an identity as this gives it.</param>
    /// <returns>Null where there is no such device or file now.</returns>
    public static DeviceIdentity? Find(string nameOrIdentity, KernelRoots roots)
    {
        if (nameOrIdentity.Length == 0 || nameOrIdentity.Contains('\0')) return null;
        string path = Path.IsPathRooted(nameOrIdentity) ? nameOrIdentity : Path.Combine(roots.Dev, nameOrIdentity);
        if (BlockDevice.At(path, roots) is { } device) return Of(device, roots);
        if (File.Exists(path)) return OfFile(path);
        // A loop device and its file are one identity: the file is what lasts.
        if (nameOrIdentity.StartsWith(OfPath, StringComparison.Ordinal)
            && nameOrIdentity[OfPath.Length..] is var file && Path.IsPathRooted(file) && File.Exists(file)
            && BlockDevice.At(file, roots) is null)
        {
            return OfFile(file);
        }

        return All(roots).FirstOrDefault(at => at.Identity == nameOrIdentity);
    }

    /// <summary>All block devices there are now.</summary>
    public static IEnumerable<DeviceIdentity> All(KernelRoots roots) =>
        BlockDevice.All(roots).Select(device => Of(device, roots));

    /// <summary>What a block device is called for good.</summary>
    public static DeviceIdentity Of(BlockDevice device, KernelRoots roots)
    {
        // A loop device is its file: another number of loop tomorrow is the same bytes.
        if (device.BackingFile is { } file) return OfFile(file) with { Name = device.Node, Size = device.Size };
        if (device.PartitionNumber is { } number && device.Disk is { } disk)
        {
            DeviceIdentity whole = Of(disk, roots);
            string identity = whole.Identity.StartsWith(OfPath, StringComparison.Ordinal) && disk.BackingFile is null
                ? OfPath + device.Node
                : $"{whole.Identity}-part{number}";
            return new(identity, whole.IsStable, device.Node, device.Size);
        }

        return LastingOf(device) is { } lasting
            ? new(lasting, true, device.Node, device.Size)
            : new(PassingOf(device, roots), false, device.Node, device.Size);
    }

    private static string? LastingOf(BlockDevice device)
    {
        if (Clean(device.WorldWideName) is { } wwn) return $"wwn:{wwn}";
        if (Clean(device.Serial) is { } serial)
        {
            // A serial number is one maker's for one model.
            string?[] parts = [Clean(device.Vendor), Clean(device.Model), serial];
            return $"serial:{string.Join('_', parts.Where(part => part is not null))}";
        }

        if (Clean(device.MappedUuid) is { } mapped) return $"dm:{mapped}";
        if (Clean(device.Pmem?.Uuid) is { } space) return $"pmem:{space}";
        return Clean(device.RaidUuid) is { } raid ? $"md:{raid}" : null;
    }

    private static string PassingOf(BlockDevice device, KernelRoots roots) =>
        device.Sequence is { } sequence && BootId(roots) is { } boot
            ? $"diskseq:{boot}:{sequence}"
            : OfPath + device.Node;

    private static DeviceIdentity OfFile(string path)
    {
        string real = Native.RealPath(path, 0) ?? Path.GetFullPath(path);
        return new(OfPath + real, false, path, FileIdentity.LengthOf(real));
    }

    /// <summary>
    /// As one printable word: makers fill with blanks, and a hostile device says what it likes. Nothing but zeros is
    /// what devices say that were never given a name.
    /// </summary>
    private static string? Clean(string? text)
    {
        if (text is null) return null;
        var word = new StringBuilder();
        foreach (char at in text)
        {
            if (word.Length == NameLengthMax) break;
            if (at is ' ' or '\t' or '\n' or '\r' or '_')
            {
                if (word.Length > 0 && word[^1] != '_') word.Append('_');
            }
            else
            {
                word.Append(at is > ' ' and < '\x7f' ? at : '?');
            }
        }

        string name = word.ToString().TrimEnd('_');
        string digits = name[(name.IndexOf('.') + 1)..];
        return digits.Trim('0', '-').Length == 0 ? null : name;
    }

    private static string? BootId(KernelRoots roots)
    {
        string path = Path.Combine(roots.Proc, "sys/kernel/random/boot_id");
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }
}
