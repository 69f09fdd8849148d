// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;

namespace Holdfast.Linux.Interop;

/// <summary>
/// A program in a session of its own, with a pipe for its standard input and one for all it says. Its number stays its
/// own until it is disposed of: it is looked at without being reaped, so that a signal to its group cannot hit another.
/// </summary>
/// <remarks>
/// Not <see cref="System.Diagnostics.Process"/>: that takes arguments as text, so that a path that is no UTF-8 becomes
/// another path; reaps the child by itself, after which its number may be somebody else's; and makes no session. Not
/// fork: code of a runtime with threads must not run between fork and exec. posix_spawn(3) runs none of ours there.
/// </remarks>
internal sealed class ChildProcess : IDisposable
{
    private int _input;
    private int _output;

    private ChildProcess(int number, int input, int output)
    {
        Number = number;
        _input = input;
        _output = output;
    }

    internal int Number { get; }

    internal bool IsInputOpen => _input >= 0;

    internal bool IsOutputOpen => _output >= 0;

    /// <returns>Null where it could not be started: then nothing has happened.</returns>
    /// <param name="failure">errno.</param>
    internal static ChildProcess? Start(
        IReadOnlyList<byte[]> arguments, IReadOnlyList<string> environment, out int failure)
    {
        Span<int> input = [-1, -1];
        Span<int> output = [-1, -1];
        bool hasPipes = Spawn.Pipe(input, Spawn.O_CLOEXEC) == 0 && Spawn.Pipe(output, Spawn.O_CLOEXEC) == 0;
        failure = Marshal.GetLastPInvokeError();
        int number = 0;
        if (hasPipes) failure = Run(arguments, environment, input[0], output[1], out number);
        Close(ref input[0]);
        Close(ref output[1]);
        if (hasPipes && failure == 0)
        {
            // Only our ends: the program's own must wait as programs are used to.
            _ = Spawn.Control(input[1], Spawn.F_SETFL, Spawn.O_NONBLOCK);
            _ = Spawn.Control(output[0], Spawn.F_SETFL, Spawn.O_NONBLOCK);
            return new(number, input[1], output[0]);
        }

        Close(ref input[1]);
        Close(ref output[0]);
        return null;
    }

    /// <summary>Waits a moment for something to happen.</summary>
    internal void Poll(int milliseconds)
    {
        // A negative descriptor is passed over.
        Span<Spawn.PollEntry> entries =
        [
            new() { Descriptor = _input, Wanted = Spawn.POLLOUT },
            new() { Descriptor = _output, Wanted = Spawn.POLLIN },
        ];
        _ = Spawn.Poll(entries, (nuint)entries.Length, milliseconds);
    }

    /// <summary>Writes what fits now, and closes at the end, or when nobody reads.</summary>
    /// <returns>What is still to be written.</returns>
    internal ReadOnlyMemory<byte> Feed(ReadOnlyMemory<byte> rest)
    {
        while (IsInputOpen && !rest.IsEmpty)
        {
            nint written = Spawn.Write(_input, rest.Span, rest.Length);
            if (written < 0 && Marshal.GetLastPInvokeError() is Spawn.EAGAIN or Spawn.EINTR) return rest;
            if (written <= 0) break;
            rest = rest[(int)written..];
        }

        Close(ref _input);
        return default;
    }

    /// <summary>Writes one byte; more is to follow.</summary>
    /// <returns>False where nobody reads.</returns>
    internal bool Say(byte word)
    {
        ReadOnlySpan<byte> bytes = [word];
        while (IsInputOpen)
        {
            if (Spawn.Write(_input, bytes, 1) == 1) return true;
            if (Marshal.GetLastPInvokeError() != Spawn.EINTR) return false;
        }

        return false;
    }

    /// <returns>Bytes read; 0 where there is nothing now.</returns>
    internal int Read(Span<byte> buffer)
    {
        if (!IsOutputOpen) return 0;
        nint length = Spawn.Read(_output, buffer, buffer.Length);
        if (length > 0) return (int)length;
        if (length < 0 && Marshal.GetLastPInvokeError() is Spawn.EAGAIN or Spawn.EINTR) return 0;
        Close(ref _output);
        return 0;
    }

    /// <summary>How it ended; null while it runs.</summary>
    internal ChildEnd? Look() => Wait(Spawn.WNOHANG | Spawn.WNOWAIT);

    /// <summary>SIGKILL to all of its group.</summary>
    internal void Kill() => _ = Native.Kill(-Number, Native.SIGKILL);

    /// <summary>
    /// Closes the pipes and gives its number back. One that is dead to us but not to the kernel is waited for by a
    /// thread of its own.
    /// </summary>
    public void Dispose()
    {
        Close(ref _input);
        Close(ref _output);
        if (Wait(Spawn.WNOHANG) is not null) return;
        new Thread(() => Wait(0), maxStackSize: 128 << 10) { IsBackground = true, Name = "reaper" }.Start();
    }

    private ChildEnd? Wait(int options)
    {
        Span<byte> info = stackalloc byte[Spawn.SigInfoSize];
        int failed;
        do
        {
            info.Clear();
            failed = Spawn.Wait(Spawn.P_PID, Number, info, Spawn.WEXITED | options);
        }
        while (failed != 0 && Marshal.GetLastPInvokeError() == Spawn.EINTR);
        // Somebody else has reaped it: it is over, and nobody knows how.
        if (failed != 0) return new(IsKnown: false, HasExited: false, 0);
        if (MemoryMarshal.Read<int>(info[Spawn.SigInfoPidAt..]) == 0) return null;
        bool hasExited = MemoryMarshal.Read<int>(info[Spawn.SigInfoCodeAt..]) == Spawn.CLD_EXITED;
        return new(IsKnown: true, hasExited, MemoryMarshal.Read<int>(info[Spawn.SigInfoStatusAt..]));
    }

    private static int Run(
        IReadOnlyList<byte[]> arguments, IReadOnlyList<string> environment, int input, int output, out int number)
    {
        var owned = new List<nint>();
        nint Own(ReadOnlySpan<byte> bytes)
        {
            nint at = Marshal.AllocHGlobal(bytes.Length + 1);
            owned.Add(at);
            for (int i = 0; i < bytes.Length; i++) Marshal.WriteByte(at, i, bytes[i]);
            Marshal.WriteByte(at, bytes.Length, 0);
            return at;
        }

        nint actions = Own(new byte[Spawn.OpaqueSize]);
        nint attributes = Own(new byte[Spawn.OpaqueSize]);
        nint signals = Own(new byte[Spawn.OpaqueSize]);
        _ = Spawn.ActionsInit(actions);
        _ = Spawn.AttributesInit(attributes);
        try
        {
            nint[] argumentList = [.. arguments.Select(argument => Own(argument)), 0];
            nint[] environmentList = [.. environment.Select(at => Own(Encoding.UTF8.GetBytes(at))), 0];
            _ = Spawn.AddDuplicate(actions, input, 0);
            _ = Spawn.AddDuplicate(actions, output, 1);
            _ = Spawn.AddDuplicate(actions, output, 2);
            _ = Spawn.AddChangeFolder(actions, "/");
            CloseOthers(actions);
            // The runtime ignores SIGPIPE and blocks what it likes: none of that is the program's business.
            _ = Spawn.FillSignals(signals);
            _ = Spawn.SetDefaultSignals(attributes, signals);
            _ = Spawn.EmptySignals(signals);
            _ = Spawn.SetSignalMask(attributes, signals);
            _ = Spawn.SetFlags(
                attributes, Spawn.POSIX_SPAWN_SETSID | Spawn.POSIX_SPAWN_SETSIGDEF | Spawn.POSIX_SPAWN_SETSIGMASK);
            return Spawn.PosixSpawn(
                out number, argumentList[0], actions, attributes, argumentList, environmentList);
        }
        finally
        {
            _ = Spawn.ActionsDestroy(actions);
            _ = Spawn.AttributesDestroy(attributes);
            foreach (nint at in owned) Marshal.FreeHGlobal(at);
        }
    }

    /// <summary>
    /// All that is ours closes by itself (O_CLOEXEC). What the daemon inherited may not: it is closed where libc can.
    /// </summary>
    private static void CloseOthers(nint actions)
    {
        const int afterStandardError = 3;
        try
        {
            _ = Spawn.AddCloseFrom(actions, afterStandardError);
        }
        catch (EntryPointNotFoundException)
        {
            // An older libc: what was open before the daemon was, stays open.
        }
    }

    private static void Close(ref int descriptor)
    {
        if (descriptor >= 0) _ = Spawn.Close(descriptor);
        descriptor = -1;
    }
}

/// <summary>How a program ended.</summary>
/// <param name="Status">The exit status; the signal's number where it did not exit by itself.</param>
internal readonly record struct ChildEnd(bool IsKnown, bool HasExited, int Status);
