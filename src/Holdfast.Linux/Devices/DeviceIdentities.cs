// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;

namespace Holdfast.Linux.Devices;

/// <summary>
/// What a device or image is called whatever its node is called today: its World Wide Name, else its serial number.
/// What
/// says nothing lasting of itself is said to have no stable identity, and goes by its path.
/// </summary>
public static class DeviceIdentities
{
    /// <param name="nameOrIdentity">A path, a kernel name (sdb), or an identity as this gives it.</param>
    /// <returns>Null where there is no such device or file now.</returns>
    public static DeviceIdentity? Find(string nameOrIdentity, KernelRoots roots)
    {
        if (nameOrIdentity.Length == 0 || nameOrIdentity.Contains('\0')) return null;
        string path = Path.IsPathRooted(nameOrIdentity) ? nameOrIdentity : Path.Combine(roots.Dev, nameOrIdentity);
        if (BlockDevice.At(path, roots) is { } device) return Of(device, roots);
        if (File.Exists(path)) return OfFile(path);
        return OfIdentity(nameOrIdentity, roots);
    }

    private static DeviceIdentity Of(BlockDevice device, KernelRoots roots)
    {
        // A loop device is its file: another number of loop tomorrow is the same bytes.
        if (device.BackingFile is { } file) return OfFile(file) with { Name = device.Node, Size = device.Size };
        if (device.WorldWideName is { } wwn) return new($"wwn:{wwn}", true, device.Node, device.Size);
        if (device.Serial is { } serial) return new($"serial:{serial}", true, device.Node, device.Size);
        if (device.MappedUuid is { } uuid) return new($"dm:{uuid}", true, device.Node, device.Size);
        if (device.Sequence is { } sequence && BootId(roots) is { } boot)
        {
            return new($"diskseq:{boot}:{sequence}", false, device.Node, device.Size);
        }

        return new($"path:{device.Node}", false, device.Node, device.Size);
    }

    private static DeviceIdentity OfFile(string path)
    {
        string real = Path.GetFullPath(path);
        if (File.ResolveLinkTarget(real, returnFinalTarget: true) is { } target) real = target.FullName;
        long? size = File.Exists(real) ? new FileInfo(real).Length : null;
        return new($"path:{real}", false, path, size);
    }

    private static DeviceIdentity? OfIdentity(string identity, KernelRoots roots) =>
        BlockDevice.All(roots).Select(device => Of(device, roots)).FirstOrDefault(
            device => device.Identity == identity);

    private static string? BootId(KernelRoots roots)
    {
        string path = Path.Combine(roots.Proc, "sys/kernel/random/boot_id");
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }
}
