// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// Opens inodes by number and generation (open_by_handle_at(2)): a file need have no name. Root only.
/// XFS_IOC_OPEN_BY_HANDLE does the same, but its descriptors go on to every program that is started meanwhile, and keep
/// the filesystem from being unmounted.
/// </summary>
internal sealed unsafe class InodeOpener
{
    private const nuint XFS_IOC_FD_TO_HANDLE = 0xC038586A;

    // XFS's own kind of handle: a 64-bit inode number and a generation.
    private const int FILEID_INO64_GEN = 0x81;
    private const uint FileHandleLength = sizeof(ulong) + sizeof(uint);

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

    /// <summary>To read, without changing its time of access.</summary>
    /// <param name="inode">
    /// As the kernel told of it: an inode keeps its type as long as its generation, so what is opened is a file or a
    /// directory. To open a FIFO would wait for a writer, and to open a device does what its driver likes.
    /// </param>
    /// <param name="waits">False: where somebody holds a lease on it, it is not opened rather than waited for.</param>
    /// <returns>Null where it is no regular file or directory, is gone or has been replaced.</returns>
    internal SafeFileHandle? Open(in MountedInode inode, bool waits = true) => inode.CanBeOpened
        ? Open(inode.Number, inode.Generation,
            Native.O_RDONLY | Native.O_NOFOLLOW | Native.O_NOATIME | (waits ? 0 : Native.O_NONBLOCK))
        : null;

    /// <summary>To ask where it is, of whatever type (O_PATH); null where it is gone or has been replaced.</summary>
    internal SafeFileHandle? OpenAsPlace(ulong inode, uint generation) =>
        Open(inode, generation, Native.O_PATH | Native.O_NOFOLLOW);

    private SafeFileHandle? Open(ulong inode, uint generation, int flags)
    {
        var handle = new FileHandle
        {
            Length = FileHandleLength, Type = FILEID_INO64_GEN, Inode = inode, Generation = generation,
        };
        int descriptor = Native.OpenByHandle(_xfs.Root, &handle, flags | Native.O_CLOEXEC);
        return descriptor < 0 ? null : new(descriptor, ownsHandle: true);
    }

    /// <summary>struct file_handle.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct FileHandle
    {
        public uint Length;
        public int Type;
        public ulong Inode;
        public uint Generation;
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
