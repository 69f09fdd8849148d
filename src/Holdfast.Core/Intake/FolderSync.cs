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
    private const int ELOOP = 40;

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

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle file);
}
