// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Devices.Sources;

/// <summary>The few calls that reading a block device takes. Constants under their C names.</summary>
internal static partial class Native
{
    internal const int EINTR = 4;
    internal const int ENODEV = 19;
    internal const int EINVAL = 22;
    internal const int O_RDONLY = 0;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int SEEK_END = 2;
    internal const int POSIX_FADV_RANDOM = 1;
    internal const int POSIX_FADV_WILLNEED = 3;
    internal const uint BLKSSZGET = 0x1268;
    internal const int S_IFMT = 0xF000;
    internal const int S_IFDIR = 0x4000;
    internal const int S_IFBLK = 0x6000;
    internal const int S_IFREG = 0x8000;

    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_TYPE = 1;
    private const int StatxSize = 256;

    // struct statx: mask, blksize, attributes, nlink, uid, gid, mode.
    private const int StatxModeAt = sizeof(uint) + sizeof(uint) + sizeof(ulong) + (3 * sizeof(uint));

    /// <summary>The one flag whose value differs between the machines .NET runs on.</summary>
    internal static int O_DIRECT => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm or Architecture.Arm64 => 0x10000,
        Architecture.Ppc64le => 0x20000,
        _ => 0x4000,
    };

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static partial nint PRead(SafeFileHandle fd, ref byte buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    internal static partial int Advise(SafeFileHandle fd, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    internal static partial long LSeek(SafeFileHandle fd, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int IoctlInt(SafeFileHandle fd, nuint request, out int value);

    /// <summary>The <c>S_IFMT</c> bits of an open file; negative where the system refuses.</summary>
    internal static int FileType(SafeFileHandle fd)
    {
        Span<byte> statx = stackalloc byte[StatxSize];
        statx.Clear();
        if (Statx(fd, string.Empty, AT_EMPTY_PATH, STATX_TYPE, ref MemoryMarshal.GetReference(statx)) != 0) return -1;
        ushort mode = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt16LittleEndian(statx[StatxModeAt..])
            : BinaryPrimitives.ReadUInt16BigEndian(statx[StatxModeAt..]);
        return mode & S_IFMT;
    }

    internal static string ErrorName(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle fd, string path, int flags, uint mask, ref byte statx);
}
