// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client;

/// <summary>The few calls that .NET has no way to: paths as bytes, and questions to the filesystem.</summary>
internal static partial class Native
{
    // asm-generic/fcntl.h; none of these has another value on x86-64 or ARM64, but O_DIRECTORY has.
    private const int O_RDONLY = 0;
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;
    private const int O_PATH = 0x200000;
    private const int PathMax = 1 << 16;

    /// <summary>Opens a path to know it, not to read it: no device is woken and no pipe waited for.</summary>
    public static SafeFileHandle OpenPlace(byte[] path) => Open([.. path, 0], O_PATH | O_CLOEXEC);

    public static SafeFileHandle OpenFolder(byte[] path) => Open([.. path, 0], O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    /// <summary>Where a link leads, one character a byte; null where it cannot be read.</summary>
    public static string? ReadLink(string path)
    {
        for (int size = 512; size <= PathMax; size *= 2)
        {
            byte[] target = new byte[size];
            nint length = ReadLink(path, target, (nuint)size);
            if (length < 0) return null;
            if (length < size) return Encoding.Latin1.GetString(target, 0, (int)length);
        }

        return null;
    }

    /// <summary>An ioctl that only answers.</summary>
    public static bool Ask(SafeFileHandle file, uint request, Span<byte> answer) =>
        Ioctl(file, request, ref MemoryMarshal.GetReference(answer)) == 0;

    public static string LastMessage() => Marshal.GetLastPInvokeErrorMessage();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial SafeFileHandle Open([In] byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLink(string path, [Out] byte[] target, nuint size);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(SafeFileHandle file, nuint request, ref byte answer);
}
