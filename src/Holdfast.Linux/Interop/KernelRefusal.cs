// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Interop;

/// <summary>The kernel did not answer a question: which, of what, and why.</summary>
public sealed class KernelRefusal : IOException
{
    private KernelRefusal(string what, string call, int errno)
        : base($"{what}: {call}: {Marshal.GetPInvokeErrorMessage(errno)}") => Errno = errno;

    /// <summary>Of errno(3).</summary>
    public int Errno { get; }

    /// <summary>For an answer that is worth no more than that error.</summary>
    internal static KernelRefusal Of(string what, string call, int errno) => new(what, call, errno);

    /// <summary>For the call that has just failed on this thread.</summary>
    internal static KernelRefusal Last(string what, string call) => new(what, call, Marshal.GetLastPInvokeError());
}
