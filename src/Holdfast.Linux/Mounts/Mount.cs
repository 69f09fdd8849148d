// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Mounts;

/// <summary>A mounted filesystem as this process sees it.</summary>
/// <param name="Root">What of the filesystem is mounted there: "/" for all of it.</param>
/// <param name="SuperOptions">The filesystem's own options, as in "rw,attr2,noquota".</param>
public sealed record Mount(
    DeviceNumber Device, string Root, string MountPoint, string FileSystemType, string SuperOptions)
{
    /// <summary>Every mount in mountinfo, in the order they were made; none where it cannot be read.</summary>
    /// <param name="process">Its number: the mounts that it sees.</param>
    public static IReadOnlyList<Mount> ReadAll(KernelRoots roots, string process = "self") =>
        [.. ReadNumbered(roots, process).Select(at => at.Mount)];

    /// <summary>The mount that a path is the mount point of: the last one there, which hides the others.</summary>
    public static Mount? At(string path, KernelRoots roots) => Interop.Native.RealPath(path, 0) is { } named
        ? ReadAll(roots).LastOrDefault(mount => mount.MountPoint == named)
        : null;

    /// <summary>With the number that no other mount has.</summary>
    internal static IReadOnlyList<(int Id, Mount Mount)> ReadNumbered(KernelRoots roots, string process)
    {
        var mounts = new List<(int, Mount)>();
        try
        {
            foreach (string line in File.ReadLines(Path.Combine(roots.Proc, process, "mountinfo")))
            {
                if (!MountInfoLine.TryParse(line, out MountInfoLine mount)) continue;
                mounts.Add((mount.Id, new(
                    mount.Device, MountInfoLine.Unescape(mount.Root), MountInfoLine.Unescape(mount.MountPoint),
                    mount.FileSystemType.ToString(), MountInfoLine.Unescape(mount.SuperOptions))));
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // A process may end between any two looks.
        }

        return mounts;
    }

    /// <summary>Whether the filesystem has an option; of one with a value, use <see cref="Option"/>.</summary>
    public bool Has(string option) => SuperOptions.Split(',').Contains(option);

    /// <summary>The value of an option of the filesystem ("logdev"); null where it has none.</summary>
    public string? Option(string name) => SuperOptions.Split(',')
        .FirstOrDefault(option => option.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];
}
