// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Devices.Sources;

/// <summary>The few calls that reading a block device takes. Constants under their C names.</summary>
internal static partial class Native
{
    internal const int EIO = 5;
    internal const int EINTR = 4;
    internal const int O_RDONLY = 0;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_DIRECT = 0x4000;
    internal const int SEEK_END = 2;
    internal const uint BLKSSZGET = 0x1268;
    internal const uint BLKPBSZGET = 0x127B;
    internal const int POSIX_FADV_RANDOM = 1;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static partial nint PRead(SafeFileHandle fd, ref byte buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    internal static partial long LSeek(SafeFileHandle fd, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int IoctlInt(SafeFileHandle fd, nuint request, out int value);

    internal static string ErrorName(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
