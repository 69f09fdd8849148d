// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Core.Intake;

/// <summary>Makes a name in a folder as durable as the file under it: .NET opens no folders.</summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;
    private const int ENOENT = 2;
    private const int ENXIO = 6;
    private const int EAGAIN = 11;
    private const int ELOOP = 40;
    private const int F_SETSIG = 10;
    private const int F_SETLEASE = 1024;
    private const int F_RDLCK = 0;
    private const int F_UNLCK = 2;
    private const int SIGURG = 23;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_BASIC_STATS = 0x7ff;

    // struct statx: stx_mask, stx_blksize and stx_attributes stand before stx_nlink.
    private const int LinksAt = 4 + 4 + 8;
    private const int OwnerAt = LinksAt + 4;
    private const int ModeAt = OwnerAt + 4 + 4;
    private const int StatSize = 256;
    private const int S_IFMT = 0xF000;
    private const int S_IFREG = 0x8000;

    // The one flag here that is not the same number everywhere.
    private static readonly int O_NOFOLLOW =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    /// <exception cref="IOException">It is not durable.</exception>
    internal static void Flush(string folder)
    {
        using SafeFileHandle handle = Open(folder, ReadOnly);
        if (handle.IsInvalid || Sync(handle) != 0)
        {
            throw new IOException($"{folder}: fsync: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>
    /// Opens a file that somebody else put there: through no link, and without waiting for whoever holds the other end
    /// of a pipe. Null where it is gone.
    /// </summary>
    /// <exception cref="InvalidDataException">It is a link.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static SafeFileHandle? OpenUntrusted(string path)
    {
        SafeFileHandle handle = Open(path, O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        if (!handle.IsInvalid) return handle;
        int errno = Marshal.GetLastPInvokeError();
        handle.Dispose();
        return errno switch
        {
            ENOENT => null,
            ELOOP => throw new InvalidDataException("it is a link"),
            ENXIO => throw new InvalidDataException("it is no file"),
            _ => throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(errno)}"),
        };
    }

    /// <summary>Whose an open file is.</summary>
    /// <exception cref="InvalidDataException">It is no regular file, or has other names.</exception>
    /// <exception cref="IOException">The kernel does not say.</exception>
    internal static uint OwnerOf(SafeFileHandle file)
    {
        Span<byte> stat = stackalloc byte[StatSize];
        if (StatX(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS, ref MemoryMarshal.GetReference(stat)) != 0)
        {
            throw new IOException($"statx: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        if ((MemoryMarshal.Read<ushort>(stat[ModeAt..]) & S_IFMT) != S_IFREG)
        {
            throw new InvalidDataException("it is no file");
        }

        // Under a second name in the spool anybody's file would pass for a report of its owner's.
        if (MemoryMarshal.Read<uint>(stat[LinksAt..]) != 1) throw new InvalidDataException("it has other names");
        return MemoryMarshal.Read<uint>(stat[OwnerAt..]);
    }

    /// <summary>
    /// Whether somebody has an open file open for writing: then the kernel gives no lease on it (fcntl(2)). Null where
    /// its filesystem gives none at all.
    /// </summary>
    internal static bool? IsBeingWritten(SafeFileHandle file)
    {
        // Should somebody open it in the moment of the lease, the signal for that must be one that does nothing.
        _ = Control(file, F_SETSIG, SIGURG);
        if (Control(file, F_SETLEASE, F_RDLCK) != 0) return Marshal.GetLastPInvokeError() == EAGAIN ? true : null;
        _ = Control(file, F_SETLEASE, F_UNLCK);
        return false;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(SafeFileHandle file, string path, int flags, uint mask, ref byte result);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle file);
}
