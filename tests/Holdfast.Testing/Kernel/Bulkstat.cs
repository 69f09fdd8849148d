// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Testing.Kernel;

/// <summary>An inode that the kernel knows: number, generation (for a handle), mode, where its content is.</summary>
public readonly record struct InodeStat(ulong Inode, uint Generation, ushort Mode, bool IsRealtime = false)
{
    private const int TypeMask = 0xF000;

    public bool IsSymlink => (Mode & TypeMask) == 0xA000;

    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    /// <summary>
    /// GETBMAPX answers for it. A handle opens nothing but files and directories, and for a realtime file the ioctl
    /// takes the attribute fork's addresses, too, for realtime ones (seen on 7.2).
    /// </summary>
    public bool IsMappable => !IsRealtime && (IsRegular || IsDirectory);

    public bool IsRegular => (Mode & TypeMask) == 0x8000;
}

/// <summary>
/// XFS_IOC_BULKSTAT (xfs/xfs_fs.h): every allocated inode of a mounted filesystem, without walking its directories.
/// </summary>
public static unsafe class Bulkstat
{
    private const nuint XFS_IOC_BULKSTAT = 0x8040587F;
    private const ulong RealtimeFlag = 1; // FS_XFLAG_REALTIME
    private const int InodesACall = 1024;

    public static IReadOnlyList<InodeStat> ReadAll(Tree root)
    {
        var inodes = new List<InodeStat>();
        var head = (Request*)NativeMemory.AllocZeroed((nuint)(sizeof(Request) + (InodesACall * sizeof(Record))));
        try
        {
            var records = (Record*)(head + 1);
            for (; ;)
            {
                head->InCount = InodesACall;
                Posix.Require(Posix.Ioctl(root.Descriptor, XFS_IOC_BULKSTAT, head), "XFS_IOC_BULKSTAT");
                if (head->OutCount == 0) return inodes;
                for (int i = 0; i < head->OutCount; i++)
                {
                    bool isRealtime = (records[i].ExtendedFlags & RealtimeFlag) != 0;
                    inodes.Add(new(records[i].Inode, records[i].Generation, records[i].Mode, isRealtime));
                }
            }
        }
        finally
        {
            NativeMemory.Free(head);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public ulong Inode;
        public uint Flags;
        public uint InCount;
        public uint OutCount;
        public uint Ag;
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
        public uint Group;
        public uint Project;
        public fixed uint Nanoseconds[4];
        public uint BlockSize;
        public uint Device;
        public uint CowExtentSize;
        public uint ExtentSize;
        public uint LinkCount;
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
}
