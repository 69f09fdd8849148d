// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounts;

/// <summary>An XFS that the kernel has in its hands.</summary>
/// <param name="Name">The kernel's name of its data device: "sdb1".</param>
/// <param name="Mount">
/// Where it is mounted; of several places the one that shows most of it. In another mount namespace the mount point
/// leads through a process that lives there. Null where no mount shows it: it is just being mounted (recovering its
/// log, perhaps), or was unmounted lazily.
/// </param>
public sealed record XfsInKernel(string Name, DeviceNumber Device, Mount? Mount)
{
    private const string Xfs = "xfs";

    /// <summary>
    /// From mountinfo, and from /sys/fs/xfs, where each has a folder from the beginning of its mount to its end.
    /// </summary>
    public static IReadOnlyList<XfsInKernel> ReadAll(KernelRoots roots)
    {
        var found = new Dictionary<DeviceNumber, XfsInKernel>();
        foreach (Mount mount in Mount.ReadAll(roots)) Add(found, mount, roots);
        string[] hidden =
        [
            .. Folders(Path.Combine(roots.Sys, "fs/xfs")).Where(name => name != "stats"
                && BlockDevice.Find(roots, name) is { } device && !found.ContainsKey(device.Number)),
        ];
        if (hidden.Length > 0) AddOfOtherNamespaces(found, hidden, roots);
        foreach (string name in hidden)
        {
            if (BlockDevice.Find(roots, name) is not { } device) continue;
            found.TryAdd(device.Number, new(name, device.Number, null));
        }

        return [.. found.Values.OrderBy(at => at.Name, StringComparer.Ordinal)];
    }

    /// <summary>Where a device or image is mounted; null where it is not.</summary>
    public static Mount? Mounted(string device, KernelRoots roots) => MountedTarget.Find(device, roots)
        ?? (FileIdentity.Of(device)?.Device is { } number
            ? ReadAll(roots).FirstOrDefault(at => at.Device == number)?.Mount
            : null);

    private static void Add(Dictionary<DeviceNumber, XfsInKernel> found, Mount mount, KernelRoots roots)
    {
        if (mount.FileSystemType != Xfs) return;
        bool isWider = !found.TryGetValue(mount.Device, out XfsInKernel? known)
            || mount.Root.Length < known.Mount!.Root.Length;
        if (!isWider) return;
        string name = BlockDevice.Find(roots, mount.Device)?.Name ?? mount.Device.ToString();
        found[mount.Device] = new(name, mount.Device, mount);
    }

    private static void AddOfOtherNamespaces(
        Dictionary<DeviceNumber, XfsInKernel> found, string[] hidden, KernelRoots roots)
    {
        var numbers = hidden.Select(name => BlockDevice.Find(roots, name)?.Number).ToHashSet();
        foreach (string process in MountNamespaces.Processes(roots).Skip(1))
        {
            string root = Path.Combine(roots.Proc, process, "root");
            foreach (Mount mount in Mount.ReadAll(roots, process))
            {
                if (!numbers.Contains(mount.Device)) continue;
                Add(found, mount with { MountPoint = root + mount.MountPoint }, roots);
            }
        }
    }

    private static IEnumerable<string> Folders(string folder) =>
        Directory.Exists(folder) ? Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)) : [];
}
