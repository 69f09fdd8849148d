// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Interop;

/// <summary>
/// A fanotify(7) group that hears the errors of whole filesystems (FAN_FS_ERROR, Linux 5.16). A mark keeps no
/// filesystem from being unmounted, and goes with it. One thread's.
/// </summary>
internal sealed unsafe partial class ErrorMarks : IDisposable
{
    private const uint FAN_CLOEXEC = 1;
    private const uint FAN_NONBLOCK = 2;
    private const uint FAN_REPORT_FID = 0x200;
    private const uint FAN_MARK_ADD = 1;
    private const uint FAN_MARK_FILESYSTEM = 0x100;
    private const ulong FAN_FS_ERROR = 0x8000;
    private const int ReadMax = 64 << 10;

    // struct statfs of 64 bits: f_type, f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, then f_fsid.
    private const int IdentityAt = 7 * sizeof(long);
    private const int StatSize = 128;

    private readonly SafeFileHandle _group;
    private readonly byte[] _buffer = new byte[ReadMax];

    private ErrorMarks(SafeFileHandle group) => _group = group;

    /// <exception cref="KernelRefusal">EINVAL, ENOSYS: this kernel knows no such group. EPERM: not root.</exception>
    internal static ErrorMarks Open()
    {
        int group = Init(FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_FID, Native.O_RDONLY | Native.O_CLOEXEC);
        return group < 0 ? throw KernelRefusal.Last("fanotify", "fanotify_init") : new(new(group, ownsHandle: true));
    }

    /// <summary>Listens to the filesystem that is mounted there; again is as good as once.</summary>
    /// <returns>Its f_fsid.</returns>
    /// <exception cref="KernelRefusal">It does not tell of errors, or is gone.</exception>
    internal ulong Add(string mountPoint)
    {
        int group = (int)_group.DangerousGetHandle();
        if (Mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_FS_ERROR, Native.AT_FDCWD, mountPoint) != 0)
        {
            throw KernelRefusal.Last(mountPoint, "fanotify_mark");
        }

        byte* stat = stackalloc byte[StatSize];
        if (StatFilesystem(mountPoint, stat) != 0) throw KernelRefusal.Last(mountPoint, "statfs");
        return *(ulong*)(stat + IdentityAt);
    }

    internal bool Wait(TimeSpan atMost)
    {
        var polled = new Polled { Descriptor = (int)_group.DangerousGetHandle(), Events = Native.POLLIN };
        return Native.Poll(&polled, 1, (int)atMost.TotalMilliseconds) > 0;
    }

    /// <summary>What is there; empty where nothing is. Valid until the next call.</summary>
    internal ReadOnlyMemory<byte> Read()
    {
        fixed (byte* start = _buffer)
        {
            nint length = Native.Read((int)_group.DangerousGetHandle(), start, ReadMax);
            if (length >= 0) return _buffer.AsMemory(0, (int)length);
            return Marshal.GetLastPInvokeError() is Native.EAGAIN or Native.EINTR
                ? ReadOnlyMemory<byte>.Empty
                : throw KernelRefusal.Last("fanotify", "read");
        }
    }

    public void Dispose() => _group.Dispose();

    [LibraryImport("libc", EntryPoint = "fanotify_init", SetLastError = true)]
    private static partial int Init(uint flags, uint eventFlags);

    [LibraryImport(
        "libc", EntryPoint = "fanotify_mark", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mark(int group, uint flags, ulong mask, int folder, string path);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFilesystem(string path, byte* result);
}
