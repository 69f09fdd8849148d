// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// Opens inodes by number and generation (XFS_IOC_FD_TO_HANDLE, XFS_IOC_OPEN_BY_HANDLE): a file need have no name. Root
/// only; regular files and directories only.
/// </summary>
internal sealed unsafe class InodeOpener
{
    private const nuint XFS_IOC_FD_TO_HANDLE = 0xC038586A;
    private const nuint XFS_IOC_OPEN_BY_HANDLE = 0xC038586B;
    private readonly MountedXfs _xfs;
    private readonly XfsHandle _own;

    /// <exception cref="KernelRefusal">The caller is not root, or the filesystem has shut down.</exception>
    internal InodeOpener(MountedXfs xfs)
    {
        _xfs = xfs;
        XfsHandle own = default;
        uint length = (uint)sizeof(XfsHandle);
        var request = new Request
        {
            Descriptor = (uint)xfs.Root.DangerousGetHandle(), Out = &own, OutLength = &length,
        };
        if (Native.Ioctl(xfs.Root, XFS_IOC_FD_TO_HANDLE, &request) != 0)
        {
            throw KernelRefusal.Last(xfs.Mount.MountPoint, "XFS_IOC_FD_TO_HANDLE");
        }

        _own = own;
    }

    /// <summary>The handle of an inode of this filesystem.</summary>
    internal XfsHandle HandleOf(ulong inode, uint generation) =>
        _own with { Inode = inode, Generation = generation };

    /// <summary>To read, without changing its time of access; null where it is gone or has been replaced.</summary>
    /// <param name="waits">False: where somebody holds a lease on it, it is not opened rather than waited for.</param>
    internal SafeFileHandle? Open(ulong inode, uint generation, bool waits = true)
    {
        XfsHandle handle = HandleOf(inode, generation);
        var request = new Request
        {
            OpenFlags = Native.O_RDONLY | Native.O_NOFOLLOW | Native.O_CLOEXEC | Native.O_NOATIME
                | (waits ? 0 : (uint)Native.O_NONBLOCK),
            In = &handle,
            InLength = (uint)sizeof(XfsHandle),
        };
        int descriptor = Native.Ioctl(_xfs.Root, XFS_IOC_OPEN_BY_HANDLE, &request);
        return descriptor < 0 ? null : new(descriptor, ownsHandle: true);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public uint Descriptor;
        public void* Path;
        public uint OpenFlags;
        public void* In;
        public uint InLength;
        public void* Out;
        public uint* OutLength;
    }
}

/// <summary>struct xfs_handle: a filesystem's inode, whatever it is called.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct XfsHandle
{
    public ulong Filesystem;
    public ushort IdentityLength;
    public ushort Padding;
    public uint Generation;
    public ulong Inode;
}
