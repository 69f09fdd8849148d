// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
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
    private const uint XFS_BULK_IREQ_SPECIAL = 2;
    private const uint XFS_BULK_IREQ_NREXT64 = 4;
    private const ulong XFS_BULK_IREQ_SPECIAL_ROOT = 1;
    private const ulong FS_XFLAG_REALTIME = 1;
    private const int RecordsACall = 1024;
    private const int InodesPerChunk = 64;

    /// <summary>Every inode of one allocation group, in order.</summary>
    /// <param name="unread">What is allocated and cannot be read.</param>
    /// <exception cref="KernelRefusal">The group's inode btree cannot be read, or the caller is not root.</exception>
    public void ForEach(
        uint group, Action<MountedInode> each, Action<ulong> unread, CancellationToken cancellationToken = default) =>
        Walk<Record>(
            XFS_IOC_BULKSTAT, "XFS_IOC_BULKSTAT", XFS_BULK_IREQ_NREXT64, group, record => each(Inode(in record)),
            (refusal, from) => PassOver(refusal, group, from, unread), cancellationToken);

    /// <summary>The root directory's inode.</summary>
    /// <exception cref="KernelRefusal">It cannot be read.</exception>
    public ulong Root()
    {
        byte* memory = stackalloc byte[sizeof(Request) + sizeof(Record)];
        new Span<byte>(memory, sizeof(Request) + sizeof(Record)).Clear();
        var head = (Request*)memory;
        head->Inode = XFS_BULK_IREQ_SPECIAL_ROOT;
        head->Flags = XFS_BULK_IREQ_SPECIAL | XFS_BULK_IREQ_NREXT64;
        head->InCount = 1;
        if (Native.Ioctl(xfs.Root, XFS_IOC_BULKSTAT, head) != 0 || head->OutCount != 1)
        {
            throw KernelRefusal.Last(xfs.Mount.MountPoint, "XFS_IOC_BULKSTAT of the root");
        }

        return ((Record*)(head + 1))->Inode;
    }

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
            if (Marshal.GetLastPInvokeError() == Native.EINVAL) return null;
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
            XFS_IOC_INUMBERS, "XFS_IOC_INUMBERS", 0, group, chunk => each(chunk.First, chunk.Allocated), null,
            cancellationToken);

    /// <summary>The allocated inodes from one to another, in order.</summary>
    /// <exception cref="KernelRefusal">As for <see cref="ForEach"/>.</exception>
    public List<ulong> Allocated(ulong first, ulong last)
    {
        var found = new List<ulong>();
        uint count = (uint)Math.Min(RecordsACall, ((last - first) / InodesPerChunk) + 2);
        byte[] memory = new byte[sizeof(Request) + (count * sizeof(Chunk))];
        fixed (byte* start = memory)
        {
            var head = (Request*)start;
            head->Inode = first;
            while (true)
            {
                head->InCount = count;
                Ask(XFS_IOC_INUMBERS, "XFS_IOC_INUMBERS", head);
                var chunks = (Chunk*)(head + 1);
                for (uint i = 0; i < head->OutCount; i++)
                {
                    if (chunks[i].First > last) return found;
                    for (ulong mask = chunks[i].Allocated; mask != 0; mask &= mask - 1)
                    {
                        ulong inode = chunks[i].First + (ulong)BitOperations.TrailingZeroCount(mask);
                        if (inode >= first && inode <= last) found.Add(inode);
                    }
                }

                if (head->OutCount == 0) return found;
            }
        }
    }

    /// <summary>
    /// Where a walk goes on behind an inode that cannot be read. Inodes are read by clusters: where the medium fails,
    /// all of the block are gone, and each further try could take the disk a minute.
    /// </summary>
    private ulong? PassOver(KernelRefusal refusal, uint group, ulong from, Action<ulong> unread)
    {
        ulong firstOfGroup = xfs.Geometry.InodeAt(group * xfs.Geometry.GroupBlocks * xfs.Geometry.BlockSize);
        ulong lastOfGroup = firstOfGroup | ((1ul << (xfs.Geometry.InodesPerBlockLog + xfs.Geometry.GroupBlockLog)) - 1);
        ulong start = Math.Max(from, firstOfGroup);
        if (NextAllocated(start, lastOfGroup) is not { } bad) return null;
        ulong last = refusal.Errno == Native.EIO ? bad | ((1ul << xfs.Geometry.InodesPerBlockLog) - 1) : bad;
        foreach (ulong inode in Allocated(bad, last)) unread(inode);
        return last < lastOfGroup ? last + 1 : null;
    }

    private ulong? NextAllocated(ulong first, ulong last)
    {
        byte* memory = stackalloc byte[sizeof(Request) + sizeof(Chunk)];
        var head = (Request*)memory;
        for (ulong from = first; from <= last;)
        {
            new Span<byte>(memory, sizeof(Request) + sizeof(Chunk)).Clear();
            head->Inode = from;
            head->InCount = 1;
            Ask(XFS_IOC_INUMBERS, "XFS_IOC_INUMBERS", head);
            if (head->OutCount == 0) return null;
            var chunk = (Chunk*)(head + 1);
            for (ulong mask = chunk->Allocated; mask != 0; mask &= mask - 1)
            {
                ulong inode = chunk->First + (ulong)BitOperations.TrailingZeroCount(mask);
                if (inode > last) return null;
                if (inode >= first) return inode;
            }

            from = chunk->First + InodesPerChunk;
        }

        return null;
    }

    private void Ask(nuint request, string name, Request* head)
    {
        if (Native.Ioctl(xfs.Root, request, head) != 0) throw KernelRefusal.Last(xfs.Mount.MountPoint, name);
    }

    /// <param name="passOver">
    /// Where to go on after a refusal that came from an inode number on; null: it is the end of the walk.
    /// </param>
    private void Walk<T>(
        nuint request, string name, uint flags, uint group, Action<T> each,
        Func<KernelRefusal, ulong, ulong?>? passOver, CancellationToken cancellationToken)
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
                if (Native.Ioctl(xfs.Root, request, head) != 0)
                {
                    KernelRefusal refusal = KernelRefusal.Last(xfs.Mount.MountPoint, name);
                    if (passOver is null || !IsOfOneInode(refusal.Errno)) throw refusal;
                    if (passOver(refusal, head->Inode) is not { } next) return;
                    head->Inode = next;
                    continue;
                }

                var records = (T*)(head + 1);
                for (uint i = 0; i < head->OutCount; i++) each(records[i]);
                if (head->OutCount == 0) return;
            }
            while (true);
        }
        finally
        {
            NativeMemory.Free(head);
        }
    }

    /// <summary>The medium, or what is stored there, rather than the caller or the whole filesystem.</summary>
    private static bool IsOfOneInode(int errno) => errno is Native.EIO or Native.EUCLEAN or Native.EBADMSG;

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
