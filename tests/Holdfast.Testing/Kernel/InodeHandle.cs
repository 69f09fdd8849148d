// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Testing.Kernel;

/// <summary>
/// Opens inodes by number (xfs/xfs_fs.h: XFS_IOC_FD_TO_HANDLE, XFS_IOC_OPEN_BY_HANDLE). Paths can be longer than the
/// kernel takes, and a walk can be wrong; only regular files and directories can be opened so.
/// </summary>
public sealed unsafe class InodeHandle
{
    private const nuint XFS_IOC_FD_TO_HANDLE = 0xC038586A;
    private const nuint XFS_IOC_OPEN_BY_HANDLE = 0xC038586B;
    private readonly Tree _root;
    private readonly Handle _own;

    public InodeHandle(Tree root)
    {
        _root = root;
        Handle own = default;
        uint length = (uint)sizeof(Handle);
        var request = new Request { Descriptor = (uint)root.Descriptor, Out = &own, OutLength = &length };
        Posix.Require(Posix.Ioctl(root.Descriptor, XFS_IOC_FD_TO_HANDLE, &request), "XFS_IOC_FD_TO_HANDLE");
        _own = own;
    }

    /// <summary>A read-only file descriptor of the inode, to be closed by the caller.</summary>
    internal int Open(in InodeStat inode)
    {
        Handle handle = _own;
        handle.Inode = inode.Inode;
        handle.Generation = inode.Generation;
        var request = new Request
        {
            OpenFlags = Posix.O_RDONLY | Posix.O_NOFOLLOW | Posix.O_CLOEXEC,
            In = &handle,
            InLength = (uint)sizeof(Handle),
        };
        int result = Posix.Ioctl(_root.Descriptor, XFS_IOC_OPEN_BY_HANDLE, &request);
        return Posix.Require(result, $"XFS_IOC_OPEN_BY_HANDLE of inode {inode.Inode}");
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Handle
    {
        public ulong Filesystem;
        public ushort IdentityLength;
        public ushort Padding;
        public uint Generation;
        public ulong Inode;
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
