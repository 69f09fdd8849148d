// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounted;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Producers;

/// <summary>
/// The health monitor of one mounted XFS (XFS_IOC_HEALTH_MONITOR, Linux 7.0; CAP_SYS_ADMIN, on the root directory). One
/// program has it at a time. It does not keep the filesystem from being unmounted, and ends with that: a read of
/// nothing. One thread's.
/// </summary>
internal sealed unsafe class HealthMonitor : IDisposable
{
    private const nuint XFS_IOC_HEALTH_MONITOR = 0x40205844;
    private const int EventsARead = 64;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _buffer = new byte[EventsARead * HealthEvent.Size];
    private int _held;

    /// <param name="handle">Events as the kernel writes them; closed with this.</param>
    internal HealthMonitor(SafeFileHandle handle) => _handle = handle;

    internal int Descriptor => (int)_handle.DangerousGetHandle();

    /// <exception cref="KernelRefusal">
    /// ENOTTY: this kernel has none. EEXIST: another program has it. EPERM: not the root directory, or not allowed.
    /// </exception>
    internal static HealthMonitor Open(MountedXfs xfs)
    {
        Request request = default;
        int descriptor = Native.Ioctl(xfs.Root, XFS_IOC_HEALTH_MONITOR, &request);
        if (descriptor < 0) throw KernelRefusal.Last(xfs.Mount.MountPoint, "XFS_IOC_HEALTH_MONITOR");
        return new(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Takes what one read gives: to be called when there is something.</summary>
    /// <returns>False at the end: the filesystem is not mounted any more.</returns>
    internal bool Take(Action<HealthEvent> each)
    {
        nint got;
        fixed (byte* start = _buffer)
        {
            got = Native.Read(Descriptor, start + _held, (nuint)(_buffer.Length - _held));
        }

        if (got < 0)
        {
            return Marshal.GetLastPInvokeError() is Native.EINTR or Native.EAGAIN
                ? true
                : throw KernelRefusal.Last("XFS health monitor", "read");
        }

        // What UNMOUNT says is no end: events may come behind it, or it not at all.
        if (got == 0) return false;
        int length = _held + (int)got;
        int whole = length - (length % HealthEvent.Size);
        for (int at = 0; at < whole; at += HealthEvent.Size)
        {
            if (HealthEvent.TryParse(_buffer.AsSpan(at, HealthEvent.Size), out HealthEvent found)) each(found);
        }

        // A read may end within an event.
        _buffer.AsSpan(whole, length - whole).CopyTo(_buffer);
        _held = length - whole;
        return true;
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>struct xfs_health_monitor: flags, format 0, the rest zero.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    private struct Request
    {
        public ulong Flags;
        public byte Format;
    }
}
