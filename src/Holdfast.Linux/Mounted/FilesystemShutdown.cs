// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// XFS_IOC_GOINGDOWN (xfs_fs.h): nothing is read or written by the filesystem any more until it is mounted again. With
/// the log flushed, as Linux does where what it finds on disk is corrupt.
/// </summary>
public static class FilesystemShutdown
{
    private const nuint XFS_IOC_GOINGDOWN = 0x8004587D;
    private const uint LogFlush = 1;

    /// <exception cref="KernelRefusal">It has not been shut down.</exception>
    public static unsafe void ShutDown(Mount mount)
    {
        using SafeFileHandle root = Native.Open(
            mount.MountPoint, Native.O_RDONLY | Native.O_DIRECTORY | Native.O_CLOEXEC);
        if (root.IsInvalid) throw KernelRefusal.Last(mount.MountPoint, "open");
        // Something else may be mounted there by now.
        bool isSame = FileIdentity.At(root, [])?.LiesOn == mount.Device;
        if (!isSame) throw new IOException("it is not mounted there any more");
        uint how = LogFlush;
        if (Native.Ioctl(root, XFS_IOC_GOINGDOWN, &how) == 0) return;
        throw KernelRefusal.Last(mount.MountPoint, "XFS_IOC_GOINGDOWN");
    }
}
