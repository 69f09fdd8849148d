// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Interop;

/// <summary>The C library's heap, in which SQLite lives.</summary>
public static partial class Heap
{
    /// <summary>Gives back to the kernel what is free in it (malloc_trim(3)); nothing where the library has no such
    /// call.</summary>
    public static void Trim()
    {
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Only glibc has it.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
