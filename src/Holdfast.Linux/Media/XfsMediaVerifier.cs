// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Media;

/// <summary>
/// XFS_IOC_VERIFY_MEDIA (xfs_fs.h of Linux 7.0): the kernel reads the data device of a mounted XFS itself, and copies
/// nothing to anybody. Root's.
/// </summary>
public sealed unsafe class XfsMediaVerifier : IMediaVerifier
{
    /// <summary>ENOTTY: what a kernel says that does not know the question.</summary>
    public const int Unknown = Native.ENOTTY;

    private const nuint XFS_IOC_VERIFY_MEDIA = 0xC0285846;
    private const uint DataDevice = 1;
    private const uint REPORT = 1;

    /// <summary>Places are counted in these, whatever the device's sectors are.</summary>
    private const int BasicBlock = 512;

    private readonly SafeFileHandle _root;
    private readonly string _point;

    private XfsMediaVerifier(SafeFileHandle root, string point) => (_root, _point) = (root, point);

    /// <exception cref="KernelRefusal">ENOTTY: this kernel cannot; EPERM: not root.</exception>
    public static XfsMediaVerifier Open(Mount mount)
    {
        SafeFileHandle root = Native.Open(
            mount.MountPoint, Native.O_RDONLY | Native.O_DIRECTORY | Native.O_CLOEXEC);
        if (root.IsInvalid) throw KernelRefusal.Last(mount.MountPoint, "open");
        var verifier = new XfsMediaVerifier(root, mount.MountPoint);
        try
        {
            verifier.Verify(0, 0, BasicBlock, tells: false);
            return verifier;
        }
        catch
        {
            verifier.Dispose();
            throw;
        }
    }

    public VerifiedMedia Verify(long start, long end, int requestMax, bool tells)
    {
        var question = new Question
        {
            Device = DataDevice,
            Flags = tells ? REPORT : 0,
            Start = (ulong)start / BasicBlock,
            End = (ulong)end / BasicBlock,
            RequestMax = (uint)requestMax,
        };
        while (Native.Ioctl(_root, XFS_IOC_VERIFY_MEDIA, &question) != 0)
        {
            // It has changed nothing.
            if (Marshal.GetLastPInvokeError() != Native.EINTR)
            {
                throw KernelRefusal.Last(_point, "XFS_IOC_VERIFY_MEDIA");
            }
        }

        return new((long)question.Start * BasicBlock, (long)question.End * BasicBlock, (int)question.Error);
    }

    public void Dispose() => _root.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private struct Question
    {
        public uint Device;
        public uint Flags;
        public ulong Start;
        public ulong End;
        public uint Error;
        public uint RequestMax;
        public uint RestMicroseconds;
        public uint Padding;
    }
}
