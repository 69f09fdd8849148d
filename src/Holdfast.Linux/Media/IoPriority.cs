// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Media;

/// <summary>ioprio_set(2), which the C library has no name for.</summary>
public static class IoPriority
{
    private const int IOPRIO_WHO_PROCESS = 1;
    private const int IOPRIO_CLASS_IDLE = 3;
    private const int IOPRIO_CLASS_SHIFT = 13;

    /// <summary>This thread's requests go after everybody else's, where the scheduler knows priorities.</summary>
    public static void BeIdle()
    {
        int? call = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 251,
            Architecture.Arm64 => 30,
            _ => null,
        };
        if (call is null) return;
        _ = Native.SystemCall(call.Value, IOPRIO_WHO_PROCESS, 0, IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT, 0);
    }
}
