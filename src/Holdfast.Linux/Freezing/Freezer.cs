// SPDX-License-Identifier: Apache-2.0
using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Freezing;

/// <summary>Why a freeze is over. It is thawed in every case.</summary>
public enum FreezeEnd
{
    TimeOver,

    /// <summary>The caller said so.</summary>
    Told,

    /// <summary>The process that would have thawed in this one's place has ended.</summary>
    Unwatched,
}

/// <summary>It was not frozen, or somebody else's freeze was found and left alone.</summary>
public sealed class FreezeRefusal(string message) : IOException(message);

/// <summary>
/// Freezes a filesystem for a bounded time. A second process watches this one and thaws when it ends, whatever ends it;
/// this one watches the second and thaws when that ends. The mount's root is held open by both: it cannot be unmounted
/// but lazily meanwhile, and what is in no mount table any more can still be thawed by it.
/// </summary>
public sealed class Freezer : IDisposable
{
    /// <summary>Whoever writes waits: no longer than this.</summary>
    public static readonly TimeSpan DurationMax = TimeSpan.FromMinutes(10);

    private const int TickMilliseconds = 50;
    private static readonly TimeSpan ReadyTimeMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan EndTimeMax = TimeSpan.FromSeconds(2);

    private readonly SafeFileHandle _root;
    private readonly ChildProcess _deadMan;
    private readonly ProcessDescriptor _watched;
    private readonly long _deadline;
    private bool _isFrozen;

    private Freezer(SafeFileHandle root, ChildProcess deadMan, ProcessDescriptor watched, TimeSpan duration)
    {
        _root = root;
        _deadMan = deadMan;
        _watched = watched;
        _deadline = Environment.TickCount64 + (long)duration.TotalMilliseconds;
        _isFrozen = true;
    }

    /// <summary>The process that watches this one.</summary>
    public int DeadManProcess => _deadMan.Number;

    /// <param name="program">What starts this program: it is started a second time, with <see cref="DeadMan.Verb"/>.
    /// </param>
    /// <exception cref="FreezeRefusal">It is not frozen by us.</exception>
    public static Freezer Begin(Mount mount, TimeSpan duration, IReadOnlyList<string> program)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(duration, DurationMax);
        SafeFileHandle root = Native.Open(
            mount.MountPoint, Native.O_RDONLY | Native.O_DIRECTORY | Native.O_CLOEXEC);
        ChildProcess? deadMan = null;
        try
        {
            if (root.IsInvalid) throw Refusal(mount, "open", Marshal.GetLastPInvokeError());
            if (FileIdentity.At(root, [])?.LiesOn != mount.Device)
            {
                throw new FreezeRefusal($"{mount.MountPoint}: something else is mounted there now");
            }

            deadMan = StartDeadMan(mount, root, duration, program);
            ProcessDescriptor watched = ProcessDescriptor.Open(deadMan.Number);
            if (!watched.IsOpen) throw Refusal(mount, "pidfd_open", Marshal.GetLastPInvokeError());
            if (LockedMemory.Hold() is not 0 and var locked) throw Refusal(mount, "mlockall", locked);
            Rehearse();
            Freeze(mount, root, deadMan);
            return new(root, deadMan, watched, duration);
        }
        catch
        {
            deadMan?.Kill();
            deadMan?.Dispose();
            root.Dispose();
            throw;
        }
    }

    /// <summary>Holds it frozen until the time is over, the caller says so, or nobody watches any more.</summary>
    /// <returns>Why it is thawed.</returns>
    public FreezeEnd Hold(Func<bool> isTold)
    {
        FreezeEnd? end = null;
        while (end is null)
        {
            bool isUnwatched = FreezePipe.Wait(-1, _watched.Number, TickMilliseconds, out _);
            end = isUnwatched ? FreezeEnd.Unwatched
                : isTold() ? FreezeEnd.Told
                : Environment.TickCount64 >= _deadline ? FreezeEnd.TimeOver
                : null;
        }

        Thaw();
        return end.Value;
    }

    public void Dispose()
    {
        Thaw();
        long start = Environment.TickCount64;
        while (_deadMan.Look() is null)
        {
            // One that is stopped would thaw later what is then somebody else's.
            if (Environment.TickCount64 - start > EndTimeMax.TotalMilliseconds) _deadMan.Kill();
            FreezePipe.Wait(-1, _watched.Number, TickMilliseconds, out _);
        }

        _watched.Dispose();
        _deadMan.Dispose();
        _root.Dispose();
    }

    private void Thaw()
    {
        if (!_isFrozen) return;
        _isFrozen = false;
        _ = FilesystemFreeze.Thaw((int)_root.DangerousGetHandle());
        Say(_deadMan, FreezeWord.Thawed);
    }

    private static ChildProcess StartDeadMan(
        Mount mount, SafeFileHandle root, TimeSpan duration, IReadOnlyList<string> program)
    {
        string[] command =
        [
            .. program, DeadMan.Verb, Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            ((int)root.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture), mount.Device.ToString(),
            ((long)duration.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        ];
        ChildProcess deadMan = ChildProcess.Start(
            [.. command.Select(Encoding.UTF8.GetBytes)], EnvironmentOf(), out int failure)
            ?? throw Refusal(mount, "starting a second process", failure);
        byte[] said = new byte[256];
        long start = Environment.TickCount64;
        while (true)
        {
            deadMan.Poll(TickMilliseconds);
            int length = deadMan.Read(said);
            if (length > 0 && said[0] == DeadMan.Ready) return deadMan;
            bool isLate = Environment.TickCount64 - start > ReadyTimeMax.TotalMilliseconds;
            if (length == 0 && deadMan.Look() is null && !isLate) continue;
            deadMan.Kill();
            deadMan.Dispose();
            string why = length > 0 ? Encoding.UTF8.GetString(said, 0, length).Trim()
                : isLate ? "it was not ready in time"
                : "it has ended";
            throw new FreezeRefusal($"{mount.MountPoint}: not frozen, for nobody would watch: {why}");
        }
    }

    /// <summary>
    /// The word before the call stands also where this process dies within it: then it is thawed. The word after tells
    /// that it was refused: then it is left alone.
    /// </summary>
    private static void Freeze(Mount mount, SafeFileHandle root, ChildProcess deadMan)
    {
        if (!Say(deadMan, FreezeWord.Freezing))
        {
            throw new FreezeRefusal($"{mount.MountPoint}: not frozen, for nobody watches any more");
        }

        int error = FilesystemFreeze.Freeze((int)root.DangerousGetHandle());
        Say(deadMan, error == 0 ? FreezeWord.Frozen : FreezeWord.Refused);
        if (error == 0) return;
        throw error == Native.EBUSY
            ? new FreezeRefusal($"{mount.MountPoint}: somebody else has frozen it already; that is left alone")
            : Refusal(mount, "FIFREEZE", error);
    }

    private static void Rehearse()
    {
        using SafeFileHandle none = Native.Open("/dev/null", Native.O_RDONLY | Native.O_CLOEXEC);
        _ = FilesystemFreeze.Thaw((int)none.DangerousGetHandle());
        FreezePipe.Wait(-1, -1, 0, out _);
    }

    private static bool Say(ChildProcess deadMan, FreezeWord word) => deadMan.Say((byte)word);

    private static FreezeRefusal Refusal(Mount mount, string call, int errno) =>
        new($"{mount.MountPoint}: {call}: {Marshal.GetPInvokeErrorMessage(errno)}");

    /// <summary>
    /// Our own, and what keeps a runtime small and quiet: no heap that is reserved at large, for all of it is locked;
    /// no thread that compiles again what runs; no socket for debuggers.
    /// </summary>
    private static string[] EnvironmentOf()
    {
        var all = new Dictionary<string, string>();
        foreach (DictionaryEntry at in Environment.GetEnvironmentVariables()) all[$"{at.Key}"] = $"{at.Value}";
        all["DOTNET_GCHeapHardLimit"] = "4000000";
        all["DOTNET_TieredCompilation"] = "0";
        all["DOTNET_EnableDiagnostics"] = "0";
        return [.. all.Select(at => $"{at.Key}={at.Value}")];
    }
}
