// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Interop;

/// <summary>posix_spawn(3) and what goes with it. Constants under their C names.</summary>
internal static partial class Spawn
{
    internal const short POSIX_SPAWN_SETSIGDEF = 0x04;
    internal const short POSIX_SPAWN_SETSIGMASK = 0x08;
    internal const short POSIX_SPAWN_SETSID = 0x80;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_NONBLOCK = 0x800;
    internal const int F_SETFL = 4;
    internal const int P_PID = 1;
    internal const int WNOHANG = 1;
    internal const int WEXITED = 4;
    internal const int WNOWAIT = 0x01000000;
    internal const int CLD_EXITED = 1;
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const short POLLIN = 1;
    internal const short POLLOUT = 4;

    /// <summary>More than any libc's posix_spawnattr_t, posix_spawn_file_actions_t and sigset_t have.</summary>
    internal const int OpaqueSize = 1024;

    /// <summary>siginfo_t of waitid on 64 bits: si_code at 8, si_pid at 16, si_status at 24.</summary>
    internal const int SigInfoSize = 128;
    internal const int SigInfoCodeAt = 8;
    internal const int SigInfoPidAt = 16;
    internal const int SigInfoStatusAt = 24;

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    internal static partial int PosixSpawn(
        out int process, nint path, nint actions, nint attributes, nint[] arguments, nint[] environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    internal static partial int AttributesInit(nint attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int AttributesDestroy(nint attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SetFlags(nint attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int SetDefaultSignals(nint attributes, nint signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int SetSignalMask(nint attributes, nint signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    internal static partial int FillSignals(nint signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    internal static partial int EmptySignals(nint signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int ActionsInit(nint actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int ActionsDestroy(nint actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int AddDuplicate(nint actions, int descriptor, int wanted);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np",
        StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int AddChangeFolder(nint actions, string folder);

    /// <exception cref="EntryPointNotFoundException">glibc before 2.34, and musl.</exception>
    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    internal static partial int AddCloseFrom(nint actions, int descriptor);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    internal static partial int Pipe(Span<int> ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, Span<byte> buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, ReadOnlySpan<byte> buffer, nint length);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(Span<PollEntry> entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    internal static partial int Wait(int kind, int process, Span<byte> info, int options);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        internal int Descriptor;
        internal short Wanted;
        internal short Found;
    }
}
