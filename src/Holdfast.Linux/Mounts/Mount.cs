// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Mounts;

/// <summary>A mounted filesystem as this process sees it.</summary>
public sealed record Mount(DeviceNumber Device, string MountPoint, string FileSystemType)
{
    /// <summary>Every mount in mountinfo; none where it cannot be read.</summary>
    public static IReadOnlyList<Mount> ReadAll(KernelRoots roots)
    {
        var mounts = new List<Mount>();
        string path = Path.Combine(roots.Proc, "self/mountinfo");
        if (!File.Exists(path)) return mounts;
        foreach (string line in File.ReadLines(path))
        {
            if (!MountInfoLine.TryParse(line, out MountInfoLine mount)) continue;
            string mountPoint = MountInfoLine.Unescape(mount.MountPoint);
            mounts.Add(new(mount.Device, mountPoint, mount.FileSystemType.ToString()));
        }

        return mounts;
    }
}
