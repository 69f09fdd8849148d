// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Freezing;

/// <summary>Single bytes between the two processes of a freeze, and the wait for them. Allocates nothing.</summary>
internal static class FreezePipe
{
    /// <summary>Waits for a word or for the other's end.</summary>
    /// <param name="input">-1: for no word.</param>
    /// <param name="process">A descriptor of the other process; -1: not for its end.</param>
    /// <param name="milliseconds">-1: for ever.</param>
    /// <param name="hasWord">There is something to read: a word, or that nothing will come any more.</param>
    /// <returns>Whether the other has ended.</returns>
    internal static bool Wait(int input, int process, int milliseconds, out bool hasWord)
    {
        Span<Spawn.PollEntry> entries =
        [
            new() { Descriptor = input, Wanted = Spawn.POLLIN }, new() { Descriptor = process, Wanted = Spawn.POLLIN },
        ];
        int found = Spawn.Poll(entries, (nuint)entries.Length, milliseconds);
        hasWord = found > 0 && entries[0].Found != 0;
        return found > 0 && entries[1].Found != 0;
    }

    /// <returns>Null where nothing will come any more.</returns>
    internal static byte? Read(int input)
    {
        Span<byte> word = stackalloc byte[1];
        while (true)
        {
            nint read = Spawn.Read(input, word, 1);
            if (read > 0) return word[0];
            if (read == 0 || Marshal.GetLastPInvokeError() != Spawn.EINTR) return null;
        }
    }

    /// <returns>False where nobody reads.</returns>
    internal static bool Write(int output, byte word)
    {
        ReadOnlySpan<byte> bytes = [word];
        while (true)
        {
            if (Spawn.Write(output, bytes, 1) == 1) return true;
            if (Marshal.GetLastPInvokeError() != Spawn.EINTR) return false;
        }
    }
}
