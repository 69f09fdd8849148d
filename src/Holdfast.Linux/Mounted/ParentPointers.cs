// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounted;

/// <summary>A name of an inode in one directory.</summary>
/// <param name="Generation">The directory's: another one in its place has another.</param>
internal readonly record struct MountedParent(ulong Directory, uint Generation, byte[] Name);

/// <summary>
/// XFS_IOC_GETPARENTS_BY_HANDLE (xfs/xfs_fs.h; Linux 6.10): the names of any inode, by its own attributes. Not for
/// several threads.
/// </summary>
internal sealed unsafe class ParentPointers : IDisposable
{
    private const nuint XFS_IOC_GETPARENTS_BY_HANDLE = 0xC040583F;
    private const ushort XFS_GETPARENTS_OFLAG_ROOT = 1;
    private const ushort XFS_GETPARENTS_OFLAG_DONE = 2;
    private const int BufferSize = 64 << 10;

    private readonly MountedXfs _xfs;
    private readonly InodeOpener _opener;
    private readonly byte* _buffer;

    /// <exception cref="KernelRefusal">As of <see cref="InodeOpener"/>.</exception>
    internal ParentPointers(MountedXfs xfs)
    {
        _xfs = xfs;
        _opener = new(xfs);
        _buffer = (byte*)NativeMemory.Alloc(BufferSize);
    }

    /// <returns>
    /// Null where the inode is gone, has been replaced, or its attributes cannot be read. None for one without a name.
    /// </returns>
    internal List<MountedParent>? Of(ulong inode, uint generation, out bool isRoot)
    {
        isRoot = false;
        var request = new Request
        {
            Handle = _opener.HandleOf(inode, generation), BufferSize = BufferSize, Buffer = (ulong)_buffer,
        };
        var parents = new List<MountedParent>();
        do
        {
            if (Native.Ioctl(_xfs.Root, XFS_IOC_GETPARENTS_BY_HANDLE, &request) != 0) return null;
            isRoot = (request.OutFlags & XFS_GETPARENTS_OFLAG_ROOT) != 0;
            if (isRoot) return parents;
            int before = parents.Count;
            AddRecords(parents);
            // The kernel never ends without a record and without saying so; a loop must not hang on it.
            if (parents.Count == before) return parents;
        }
        while ((request.OutFlags & XFS_GETPARENTS_OFLAG_DONE) == 0);
        return parents;
    }

    public void Dispose() => NativeMemory.Free(_buffer);

    /// <summary>One call's records: the last one's length reaches to the end of the buffer.</summary>
    private void AddRecords(List<MountedParent> parents)
    {
        for (byte* at = _buffer; at + sizeof(Record) < _buffer + BufferSize;)
        {
            var record = (Record*)at;
            if (record->Length == 0 || record->Parent.Inode == 0) return;
            ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(at + sizeof(Record));
            parents.Add(new(record->Parent.Inode, record->Parent.Generation, name.ToArray()));
            at += record->Length;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public XfsHandle Handle;
        public fixed uint Cursor[4];
        public ushort InFlags;
        public ushort OutFlags;
        public uint BufferSize;
        public ulong Reserved;
        public ulong Buffer;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Record
    {
        public XfsHandle Parent;
        public uint Length;
        public uint Reserved;
    }
}
