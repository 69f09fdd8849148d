// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Interop;

/// <summary>System calls that the runtime has no name for. Constants under their C names.</summary>
internal static partial class Native
{
    internal const int ENOENT = 2;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int EIO = 5;
    internal const int ENXIO = 6;
    internal const int EAGAIN = 11;
    internal const int EBUSY = 16;
    internal const int EEXIST = 17;
    internal const int ENODEV = 19;
    internal const int EINVAL = 22;
    internal const int ENOTTY = 25;
    internal const int EFBIG = 27;
    internal const int EPIPE = 32;
    internal const int EBADMSG = 74;
    internal const int EOPNOTSUPP = 95;
    internal const int ESTALE = 116;
    internal const int EUCLEAN = 117;
    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_APPEND = 0x400;
    internal const int O_EXCL = 0x80;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_DIRECTORY = 0x10000;
    internal const int O_NOFOLLOW = 0x20000;
    internal const int O_NOATIME = 0x40000;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_PATH = 0x200000;
    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_NO_AUTOMOUNT = 0x800;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const int AT_STATX_DONT_SYNC = 0x4000;
    internal const uint STATX_INO = 0x100;
    internal const nuint MS_NOSUID = 2;
    internal const nuint MS_NODEV = 4;
    internal const nuint MS_NOEXEC = 8;
    internal const nuint MS_RELATIME = 1 << 21;
    internal const int SEEK_SET = 0;
    internal const int SEEK_CUR = 1;
    internal const int SEEK_END = 2;
    internal const uint STATX_BASIC_STATS = 0x7ff;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static unsafe partial int Ioctl(SafeFileHandle handle, nuint request, void* argument);

    /// <param name="data">Of that kind of filesystem; 0: nothing.</param>
    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Mount(string source, string target, string type, nuint options, nint data);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    internal static unsafe partial int StatFs(SafeFileHandle handle, byte* result);

    internal const short POLLIN = 1;
    internal const short POLLPRI = 2;
    internal const short POLLERR = 8;

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static unsafe partial int Poll(Polled* polled, nuint count, int milliseconds);

    /// <param name="path">From a folder on; ended here.</param>
    /// <returns>A descriptor, or less than 0.</returns>
    internal static unsafe int OpenAt(int folder, ReadOnlySpan<byte> path, int flags)
    {
        byte* ended = stackalloc byte[PathLengthMax + 1];
        return OpenAt(folder, Ended(path, ended), flags);
    }

    /// <inheritdoc cref="OpenAt(int, ReadOnlySpan{byte}, int)"/>
    internal static unsafe nint ReadLinkAt(int folder, ReadOnlySpan<byte> path, byte* buffer, nuint length)
    {
        byte* ended = stackalloc byte[PathLengthMax + 1];
        return ReadLinkAt(folder, Ended(path, ended), buffer, length);
    }

    private static unsafe byte* Ended(ReadOnlySpan<byte> path, byte* memory)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(path.Length, PathLengthMax);
        path.CopyTo(new Span<byte>(memory, PathLengthMax));
        memory[path.Length] = 0;
        return memory;
    }

    private const int PathLengthMax = 127;

    /// <returns>A descriptor, or less than 0.</returns>
    internal static int OpenFolder(string path) =>
        OpenAt(AT_FDCWD, System.Text.Encoding.UTF8.GetBytes(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    internal static unsafe partial int OpenAt(int folder, byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenAt(int folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    private static unsafe partial nint ReadLinkAt(int folder, byte* path, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static unsafe partial nint Read(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "pread64", SetLastError = true)]
    internal static unsafe partial nint ReadAt(int descriptor, byte* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static unsafe partial int Ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    internal static unsafe partial nint GetDirectoryEntries(int directory, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "open_by_handle_at", SetLastError = true)]
    internal static unsafe partial int OpenByHandle(SafeFileHandle mount, void* handle, int flags);

    /// <summary>For what the C library has no name for.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);

    /// <summary>The one flag whose value differs between the machines .NET runs on.</summary>
    internal static int O_DIRECT => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm or Architecture.Arm64 => 0x10000,
        Architecture.Ppc64le => 0x20000,
        _ => 0x4000,
    };

    internal const int MADV_HUGEPAGE = 14;

    [LibraryImport("libc", EntryPoint = "madvise")]
    internal static unsafe partial int AdviseMemory(void* start, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static unsafe partial nint ReadFrom(SafeFileHandle handle, byte* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Seek(SafeFileHandle handle, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    internal static unsafe partial nint GetDirectoryEntries(SafeFileHandle directory, byte* buffer, nuint length);

    internal const int SIGKILL = 9;

    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int StatX(int directory, string path, int flags, uint mask, ref byte result);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    internal static unsafe partial int StatX(
        int directory, byte* path, int flags, uint mask, byte* result);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial nint ReadLink(string path, byte* buffer, nuint length);

    /// <summary>Through all links; null where there is nothing.</summary>
    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial string? RealPath(string path, nint resolved);
}
