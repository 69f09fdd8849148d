// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// XFS_IOC_BULKSTAT and XFS_IOC_INUMBERS (xfs/xfs_fs.h): the allocated inodes of a mounted XFS by number, without
/// walking its directories. The filesystem's own inodes (quota, realtime) are not shown.
/// </summary>
public sealed unsafe class MountedInodes(MountedXfs xfs)
{
    private const nuint XFS_IOC_BULKSTAT = 0x8040587F;
    private const nuint XFS_IOC_INUMBERS = 0x80405880;
    private const uint XFS_BULK_IREQ_AGNO = 1;
    private const uint XFS_BULK_IREQ_NREXT64 = 4;
    private const ulong FS_XFLAG_REALTIME = 1;
    private const int RecordsACall = 1024;
    private const int EINVAL = 22;

    /// <summary>Every inode of one allocation group, in order.</summary>
    /// <exception cref="KernelRefusal">The group's inode btree cannot be read, or the caller is not root.</exception>
    public void ForEach(uint group, Action<MountedInode> each, CancellationToken cancellationToken = default) =>
        Walk<Record>(
            XFS_IOC_BULKSTAT, "XFS_IOC_BULKSTAT", XFS_BULK_IREQ_NREXT64, group, record => each(Inode(in record)),
            cancellationToken);

    /// <summary>One inode; null where there is none of that number, or it is the filesystem's own.</summary>
    /// <exception cref="KernelRefusal">It cannot be read.</exception>
    public MountedInode? Find(ulong number)
    {
        byte* memory = stackalloc byte[sizeof(Request) + sizeof(Record)];
        new Span<byte>(memory, sizeof(Request) + sizeof(Record)).Clear();
        var head = (Request*)memory;
        head->Inode = number;
        head->Flags = XFS_BULK_IREQ_NREXT64;
        head->InCount = 1;
        if (Native.Ioctl(xfs.Root, XFS_IOC_BULKSTAT, head) != 0)
        {
            // A number that no inode can have.
            if (Marshal.GetLastPInvokeError() == EINVAL) return null;
            throw KernelRefusal.Last(xfs.Mount.MountPoint, $"XFS_IOC_BULKSTAT of inode {number}");
        }

        var record = (Record*)(head + 1);
        return head->OutCount == 1 && record->Inode == number ? Inode(in *record) : null;
    }

    /// <summary>Chunks of inodes of one group: 64 numbers from the first on, and which of them are in use.</summary>
    /// <param name="each">First number, and a bit for each of the 64: allocated.</param>
    /// <exception cref="KernelRefusal">As for <see cref="ForEach"/>.</exception>
    public void ForEachChunk(uint group, Action<ulong, ulong> each, CancellationToken cancellationToken = default) =>
        Walk<Chunk>(
            XFS_IOC_INUMBERS, "XFS_IOC_INUMBERS", 0, group, chunk => each(chunk.First, chunk.Allocated),
            cancellationToken);

    private void Walk<T>(
        nuint request, string name, uint flags, uint group, Action<T> each, CancellationToken cancellationToken)
        where T : unmanaged
    {
        var head = (Request*)NativeMemory.AllocZeroed((nuint)(sizeof(Request) + (RecordsACall * sizeof(T))));
        try
        {
            head->Flags = XFS_BULK_IREQ_AGNO | flags;
            head->Group = group;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                head->InCount = RecordsACall;
                if (Native.Ioctl(xfs.Root, request, head) != 0) throw KernelRefusal.Last(xfs.Mount.MountPoint, name);
                var records = (T*)(head + 1);
                for (uint i = 0; i < head->OutCount; i++) each(records[i]);
            }
            while (head->OutCount > 0);
        }
        finally
        {
            NativeMemory.Free(head);
        }
    }

    private static MountedInode Inode(in Record record) => new(
        record.Inode, record.Generation, record.Mode, (long)record.Size, record.Links, record.Extents64,
        record.AttributeExtents, (record.ExtendedFlags & FS_XFLAG_REALTIME) != 0, record.Sick);

    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public ulong Inode;
        public uint Flags;
        public uint InCount;
        public uint OutCount;
        public uint Group;
        public fixed ulong Reserved[5];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Record
    {
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong ExtendedFlags;
        public fixed long Times[4];
        public uint Generation;
        public uint User;
        public uint Owner;
        public uint Project;
        public fixed uint Nanoseconds[4];
        public uint BlockSize;
        public uint Device;
        public uint CowExtentSize;
        public uint ExtentSize;
        public uint Links;
        public uint Extents;
        public uint AttributeExtents;
        public ushort Version;
        public ushort ForkOffset;
        public ushort Sick;
        public ushort Checked;
        public ushort Mode;
        public ushort Padding;
        public ulong Extents64;
        public fixed ulong Reserved[6];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Chunk
    {
        public ulong First;
        public ulong Allocated;
        public byte Count;
        public byte Version;
        public fixed byte Padding[6];
    }
}
