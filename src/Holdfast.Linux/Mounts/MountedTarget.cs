// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounts;

/// <summary>
/// The mounted XFS that a name means: a mount point, the device that is mounted, or the file under its loop device.
/// </summary>
public static class MountedTarget
{
    private const string Xfs = "xfs";

    /// <returns>
    /// Null where the name means no XFS that is mounted, or bytes at another place than the mounted ones.
    /// </returns>
    public static Mount? Find(string path, KernelRoots roots)
    {
        Mount[] mounts = [.. Mount.ReadAll(roots).Where(mount => mount.FileSystemType == Xfs)];
        if (mounts.Length == 0) return null;
        if (PointOf(path, mounts) is { } point) return Widest(mounts, point.Device);
        if (FileIdentity.Of(path) is not { } identity) return null;
        if (identity.Device is { } number && Widest(mounts, number) is { } mounted) return mounted;
        return BlockDevice.LoopsOver(roots, identity).Where(loop => loop.LoopOffset == 0)
            .Select(loop => Widest(mounts, loop.Number)).FirstOrDefault(mount => mount is not null);
    }

    /// <summary>The mount that a path is the mount point of: the last one there, which hides the others.</summary>
    private static Mount? PointOf(string path, Mount[] mounts)
    {
        // One that has shut down can be named, but not be looked at.
        string named = Native.RealPath(path, 0) ?? Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return mounts.LastOrDefault(mount => mount.MountPoint == named);
    }

    /// <summary>A folder of it may be mounted elsewhere: the mount that shows most of it.</summary>
    private static Mount? Widest(IEnumerable<Mount> mounts, DeviceNumber device) =>
        mounts.Where(mount => mount.Device == device).MinBy(mount => mount.Root.Length);

    /// <summary>Whether a path names a mount point of a mount's filesystem rather than its device.</summary>
    public static bool IsPoint(string path, Mount mount, KernelRoots roots) =>
        PointOf(path, [.. Mount.ReadAll(roots)])?.Device == mount.Device;
}
