// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Testing.Kernel;

/// <summary>
/// Opens inodes by number and generation (open_by_handle_at(2); the handle is XFS's own). Paths can be longer than the
/// kernel takes, and a walk can be wrong; only regular files and directories can be opened so.
/// </summary>
public sealed unsafe class InodeHandle(Tree root)
{
    private const int FILEID_INO64_GEN = 0x81;

    /// <summary>A read-only file descriptor of the inode, to be closed by the caller.</summary>
    internal int Open(in InodeStat inode)
    {
        var handle = new Handle
        {
            Length = 12, Type = FILEID_INO64_GEN, Inode = inode.Inode, Generation = inode.Generation,
        };
        int result = Posix.OpenByHandle(
            root.Descriptor, &handle, Posix.O_RDONLY | Posix.O_NOFOLLOW | Posix.O_CLOEXEC);
        return Posix.Require(result, $"open_by_handle_at of inode {inode.Inode}");
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Handle
    {
        public uint Length;
        public int Type;
        public ulong Inode;
        public uint Generation;
    }
}
