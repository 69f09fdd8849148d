// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Runtime.InteropServices;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Policies;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Freezing;

/// <summary>What the freezer tells its dead-man, a byte each; what was written is read also after its death.</summary>
internal enum FreezeWord : byte
{
    /// <summary>It will ask the kernel now: from here on it may be frozen.</summary>
    Freezing = (byte)'f',
    Frozen = (byte)'F',

    /// <summary>The kernel refused: it is not frozen by us.</summary>
    Refused = (byte)'n',
    Thawed = (byte)'d',
}

/// <summary>
/// The second of the two processes of a freeze. It thaws when the freezer ends, however it does, and a moment after the
/// time is over if the freezer has not; never what the freezer did not freeze.
/// </summary>
/// <remarks>
/// It is in a session of its own, so that a signal to the freezer's group does not reach it, and outside its control
/// group where that can be had. All that it will need is loaded, run once and locked in memory before it says that it
/// is ready; after that it reads no file.
/// </remarks>
public static partial class DeadMan
{
    /// <summary>As the first word of a command line: never typed.</summary>
    public const string Verb = "freeze-dead-man";

    internal const byte Ready = (byte)'r';

    /// <summary>The freezer thaws by itself when the time is over: it is given this long.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int LookMilliseconds = 100;
    private const int Warning = 4;

    /// <param name="arguments">The freezer's process, its descriptor of the mount point, the filesystem's device,
    /// milliseconds.</param>
    /// <returns>0; 8 where it could not be made ready, after a line on standard output that says why.</returns>
    public static int Run(IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 4 || !int.TryParse(arguments[0], CultureInfo.InvariantCulture, out int freezer)
            || !int.TryParse(arguments[1], CultureInfo.InvariantCulture, out int descriptor)
            || !DeviceNumber.TryParse(arguments[2], out DeviceNumber device)
            || !long.TryParse(arguments[3], CultureInfo.InvariantCulture, out long milliseconds))
        {
            return Failed("it is not started by hand");
        }

        using ProcessDescriptor watched = ProcessDescriptor.Open(freezer);
        // Asked after it was opened: as long as it is our parent the number was its own all the time.
        if (!watched.IsOpen || GetParent() != freezer) return Failed("the freezer has ended");
        // The same mount, whatever has been mounted over it or moved since.
        using SafeFileHandle root = Native.Open(
            $"/proc/{freezer}/fd/{descriptor}", Native.O_RDONLY | Native.O_DIRECTORY | Native.O_CLOEXEC);
        if (root.IsInvalid) return Failed("the mount point cannot be opened");
        if (FileIdentity.At(root, [])?.LiesOn != device) return Failed("the mount point is of another filesystem");
        LockedMemory.LeaveControlGroup();
        Rehearse();
        if (LockedMemory.Hold() is not 0 and var error)
        {
            return Failed($"its memory cannot be locked: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        if (!FreezePipe.Write(StandardOutput, Ready)) return 0;
        if (Watch(StandardInput, (int)root.DangerousGetHandle(), watched, milliseconds)) Tell(device);
        return 0;
    }

    /// <returns>Whether it was this process that thawed.</returns>
    private static bool Watch(int input, int mount, ProcessDescriptor freezer, long milliseconds)
    {
        long? deadline = null;
        while (true)
        {
            int wait = deadline is { } at ? (int)Math.Clamp(at - Environment.TickCount64, 0, int.MaxValue) : -1;
            bool hasEnded = FreezePipe.Wait(input, freezer.Number, wait, out bool hasWord);
            // What it said last is read also when it has ended meanwhile.
            FreezeWord last = default;
            while (hasWord && FreezePipe.Read(input) is { } word)
            {
                last = (FreezeWord)word;
                deadline ??= Environment.TickCount64 + milliseconds + (long)Grace.TotalMilliseconds;
                if (last is FreezeWord.Refused or FreezeWord.Thawed) return false;
                FreezePipe.Wait(input, -1, 0, out hasWord);
            }

            // It has closed its end: there is nobody who would say anything more.
            if (hasEnded || hasWord) return deadline is not null && ThawOnceEnded(mount, freezer);
            if (Environment.TickCount64 >= deadline) return ThawWithoutFreezer(input, mount, freezer);
        }
    }

    /// <summary>A call that freezes goes on after a kill: it must be over before the last thaw.</summary>
    private static bool ThawOnceEnded(int mount, ProcessDescriptor freezer)
    {
        while (!FreezePipe.Wait(-1, freezer.Number, LookMilliseconds, out _))
        {
            if (FilesystemFreeze.Thaw(mount) == 0) return true;
        }

        return FilesystemFreeze.Thaw(mount) == 0;
    }

    /// <summary>
    /// The freezer is stopped, or hangs: it is killed first, so that it cannot thaw later what is then somebody else's.
    /// </summary>
    private static bool ThawWithoutFreezer(int input, int mount, ProcessDescriptor freezer)
    {
        _ = freezer.Send(Native.SIGKILL);
        FreezePipe.Wait(-1, freezer.Number, LookMilliseconds, out _);
        FreezePipe.Wait(input, -1, 0, out bool hasWord);
        while (hasWord && FreezePipe.Read(input) is { } word)
        {
            if ((FreezeWord)word is FreezeWord.Refused or FreezeWord.Thawed) return false;
            FreezePipe.Wait(input, -1, 0, out hasWord);
        }

        return ThawOnceEnded(mount, freezer);
    }

    /// <summary>
    /// Every call that will be made, on what cannot be frozen and with a freezer that says at once that it is over:
    /// nothing has to be loaded or compiled later.
    /// </summary>
    private static void Rehearse()
    {
        using SafeFileHandle none = Native.Open("/dev/null", Native.O_RDONLY | Native.O_CLOEXEC);
        using var self = ProcessDescriptor.Open(Environment.ProcessId);
        int mount = (int)none.DangerousGetHandle();
        Span<int> pipe = [-1, -1];
        if (Spawn.Pipe(pipe, Spawn.O_CLOEXEC) != 0) return;
        _ = FreezePipe.Write(pipe[1], (byte)FreezeWord.Freezing) && FreezePipe.Write(pipe[1], (byte)FreezeWord.Thawed);
        _ = Watch(pipe[0], mount, self, 0);
        _ = FreezePipe.Write(pipe[1], (byte)FreezeWord.Thawed);
        _ = ThawWithoutFreezer(pipe[0], mount, ProcessDescriptor.None);
        _ = FilesystemFreeze.Thaw(mount);
        _ = Native.Close(pipe[0]);
        _ = Native.Close(pipe[1]);
    }

    /// <summary>It is thawed: whatever is written now can be written.</summary>
    private static void Tell(DeviceNumber device)
    {
        try
        {
            new JournalSink(JournalSink.SocketPath, TextWriter.Null).WriteAsync(
                Warning, $"thawed the filesystem on {device}: the process that had frozen it is gone", [], default)
                .Wait(TimeSpan.FromSeconds(2));
        }
        catch (Exception fault) when (fault is IOException or AggregateException)
        {
            // Nobody listens, and it is thawed all the same.
        }
    }

    private static int Failed(string why)
    {
        byte[] line = System.Text.Encoding.UTF8.GetBytes(why + "\n");
        _ = Spawn.Write(StandardOutput, line, line.Length);
        return 8;
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();
}
