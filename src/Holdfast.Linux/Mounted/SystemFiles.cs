// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// The filesystem's own inodes, which bulkstat does not show: which of them hold quota, by quotactl_fd(2) (Linux 5.14)
/// and Q_XGETQSTATV (linux/dqblk_xfs.h). Known only while quota is on.
/// </summary>
internal sealed unsafe class SystemFiles
{
    internal const string Other = "metadata file";
    private const uint Q_XGETQSTATV = ('X' << 8) + 8;
    private const int SUBCMDSHIFT = 8;
    private const int SYS_quotactl_fd = 443;
    private const sbyte FS_QSTATV_VERSION1 = 1;
    private static readonly string[] Words = ["user quota", "group quota", "project quota"];

    private readonly Dictionary<ulong, string> _words = [];

    internal SystemFiles(MountedXfs xfs)
    {
        var status = new Status { Version = FS_QSTATV_VERSION1 };
        nint result = Native.SystemCall(
            SYS_quotactl_fd, (nint)(uint)xfs.Root.DangerousGetHandle(), (nint)(Q_XGETQSTATV << SUBCMDSHIFT), 0,
            (nint)(&status));
        if (result != 0) return;
        ReadOnlySpan<File> files = new(&status.User, Words.Length);
        for (int i = 0; i < files.Length; i++)
        {
            // What is not there reads as 0, or as no inode's number at all.
            if (files[i].Inode is not (0 or ulong.MaxValue)) _words.TryAdd(files[i].Inode, Words[i]);
        }
    }

    internal string WordFor(ulong inode) => _words.GetValueOrDefault(inode, Other);

    [StructLayout(LayoutKind.Sequential)]
    private struct File
    {
        public ulong Inode;
        public ulong Blocks;
        public uint Extents;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Status
    {
        public sbyte Version;
        public byte Padding1;
        public ushort Flags;
        public uint InMemory;
        public File User;
        public File Group;
        public File Project;
        public fixed int Limits[3];
        public fixed ushort Warnings[3];
        public ushort Padding3;
        public uint Padding4;
        public fixed ulong Padding2[7];
    }
}
