// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Interop;

/// <summary>
/// A descriptor of a process (pidfd_open(2)): of this one for good, whoever is given its number later. Readable once it
/// has ended.
/// </summary>
internal readonly struct ProcessDescriptor : IDisposable
{
    private const int SYS_pidfd_send_signal = 424;
    private const int SYS_pidfd_open = 434;

    private ProcessDescriptor(int number) => Number = number;

    /// <summary>Less than 0 where there is none.</summary>
    internal int Number { get; }

    internal bool IsOpen => Number >= 0;

    /// <summary>Of no process.</summary>
    internal static ProcessDescriptor None => new(-1);

    /// <summary>errno(3) is kept where there is none: ESRCH where the process has ended.</summary>
    internal static ProcessDescriptor Open(int process) =>
        new((int)Native.SystemCall(SYS_pidfd_open, process, 0, 0, 0));

    /// <returns>0, or errno.</returns>
    internal int Send(int signal) => Native.SystemCall(SYS_pidfd_send_signal, Number, signal, 0, 0) == 0
        ? 0
        : Marshal.GetLastPInvokeError();

    public void Dispose()
    {
        if (IsOpen) _ = Native.Close(Number);
    }
}
