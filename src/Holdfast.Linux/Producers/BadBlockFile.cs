// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Producers;

/// <summary>What a file of bad blocks says.</summary>
/// <param name="HasTable">False where there is no table at all: that says nothing of any block.</param>
/// <param name="Gap">Why it is not all that there is; null where it is.</param>
internal readonly record struct BadBlockReading(bool HasTable, ByteRangeSet Ranges, string? Gap)
{
    internal static BadBlockReading None(string? gap = null) => new(false, ByteRangeSet.Empty, gap);
}

/// <summary>
/// One of the kernel's files of bad blocks, kept open: sysfs tells through poll(2) that it has changed since it was
/// last read through this descriptor. A device without a table has an empty line, one whose table is empty has nothing
/// (block/genhd.c, block/badblocks.c); the first must never pass for a list without bad blocks.
/// </summary>
internal sealed class BadBlockFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private BadBlockFile(string path, SafeFileHandle handle) => (_path, _handle) = (path, handle);

    internal int Descriptor => (int)_handle.DangerousGetHandle();

    /// <returns>Null where there is no such file, or none for us.</returns>
    internal static BadBlockFile? Open(string path)
    {
        SafeFileHandle handle = Native.Open(path, Native.O_RDONLY | Native.O_CLOEXEC | Native.O_NONBLOCK);
        if (!handle.IsInvalid) return new(path, handle);
        handle.Dispose();
        return null;
    }

    /// <returns>Null where it is gone with its device.</returns>
    internal unsafe BadBlockReading? Read()
    {
        // The kernel writes one page; one byte more shows that this is no file of the kernel's.
        byte[] text = new byte[Environment.SystemPageSize + 1];
        int length = 0;
        while (length < text.Length)
        {
            nint got;
            fixed (byte* start = text)
            {
                got = Native.ReadFrom(_handle, start + length, (nuint)(text.Length - length), length);
            }

            if (got == 0) break;
            if (got > 0)
            {
                length += (int)got;
                continue;
            }

            int errno = Marshal.GetLastPInvokeError();
            if (errno == Native.EINTR) continue;
            if (errno is Native.ENODEV or Native.ENOENT) return null;
            return BadBlockReading.None($"{_path}: {Marshal.GetPInvokeErrorMessage(errno)}");
        }

        return Parse(text.AsSpan(0, length));
    }

    private BadBlockReading Parse(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("\n"u8)) return BadBlockReading.None();
        RangeList list = SysfsBadblocksList.Read(new MemoryStream(text.ToArray(), writable: false));
        // A page that is full may have been cut, be it at the end of a line.
        string? gap = text.Length >= Environment.SystemPageSize - 1 ? "one page of it is all that the kernel shows"
            : list.Faults.TotalCount > 0 ? $"{list.Faults[0].Problem} in line {list.Faults[0].Line}"
            : null;
        return new(
            true, ByteRangeSet.From(list.Ranges.Select(range => range.Range)), gap is null ? null : $"{_path}: {gap}");
    }

    public void Dispose() => _handle.Dispose();
}
