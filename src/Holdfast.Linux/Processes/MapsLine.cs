// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Processes;

/// <summary>
/// A line of /proc/PID/maps (proc(5)): "START-END PERMISSIONS OFFSET MAJOR:MINOR INODE PATH", all but the inode in hex.
/// </summary>
internal static class MapsLine
{
    private const int SharedAt = 3;
    private const int WritableAt = 1;

    /// <returns>False where it is no mapping of a file.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> line, out MemoryMapping mapping)
    {
        mapping = default;
        if (!TakeHex(ref line, (byte)'-', out ulong start)) return false;
        if (!TakeHex(ref line, (byte)' ', out ulong end)) return false;
        if (line.Length <= SharedAt) return false;
        bool isShared = line[SharedAt] == 's';
        bool isWritable = line[WritableAt] == 'w';
        line = line[(SharedAt + 2)..];
        if (!TakeHex(ref line, (byte)' ', out ulong offset)) return false;
        if (!TakeHex(ref line, (byte)':', out ulong major)) return false;
        if (!TakeHex(ref line, (byte)' ', out ulong minor)) return false;
        if (!Utf8Parser.TryParse(line, out ulong inode, out _) || inode == 0) return false;
        mapping = new(
            start, end, (long)offset, new DeviceNumber((uint)major, (uint)minor), inode, isShared, isWritable);
        return true;
    }

    private static bool TakeHex(ref ReadOnlySpan<byte> line, byte ended, out ulong value)
    {
        bool isNumber = Utf8Parser.TryParse(line, out value, out int length, 'x');
        if (!isNumber || length >= line.Length || line[length] != ended) return false;
        line = line[(length + 1)..];
        return true;
    }
}
