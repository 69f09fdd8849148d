// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounts;

/// <summary>
/// Tells when something was mounted, unmounted or mounted anew: mountinfo of proc(5), whose descriptor wakes poll(2).
/// </summary>
public sealed class MountWatch : IDisposable
{
    private readonly SafeFileHandle? _mounts;

    public MountWatch(KernelRoots roots)
    {
        SafeFileHandle mounts = Native.Open(
            Path.Combine(roots.Proc, "self/mountinfo"), Native.O_RDONLY | Native.O_CLOEXEC);
        if (mounts.IsInvalid) mounts.Dispose();
        else _mounts = mounts;
    }

    /// <summary>
    /// Blocks until the mounts change, or that long. What changed since the last call ends it at once.
    /// </summary>
    /// <returns>False where nothing changed, or nothing can be watched.</returns>
    public unsafe bool Wait(TimeSpan atMost)
    {
        if (_mounts is null)
        {
            Thread.Sleep(atMost);
            return false;
        }

        var watched = new Polled
        {
            Descriptor = (int)_mounts.DangerousGetHandle(), Events = Native.POLLPRI | Native.POLLERR,
        };
        return Native.Poll(&watched, 1, (int)atMost.TotalMilliseconds) > 0;
    }

    public void Dispose() => _mounts?.Dispose();
}
