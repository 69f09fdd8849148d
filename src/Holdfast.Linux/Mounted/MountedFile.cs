// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// The content of a file of a mounted XFS, read through the kernel. Opened by inode and generation: it need have no
/// name, and no other file can be taken for it. Nothing is written or flushed, and its time of access stays.
/// </summary>
public static class MountedFile
{
    /// <param name="name">What people call it.</param>
    /// <returns>Null where it is gone, or somebody holds a lease on it.</returns>
    /// <exception cref="KernelRefusal">The caller is not root, or the filesystem has shut down.</exception>
    public static DeviceBlockSource? Open(MountedXfs xfs, in MountedInode inode, string name)
    {
        SafeFileHandle? file = new InodeOpener(xfs).Open(inode, waits: false);
        if (file is null) return null;
        try
        {
            return DeviceBlockSource.Of(file, name);
        }
        catch (IOException)
        {
            // It is a directory, or cannot be looked at.
            return null;
        }
    }
}
