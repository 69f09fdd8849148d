// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Processes;

/// <summary>
/// Which pages of a private mapping a process has copies of its own of, by /proc/PID/pagemap
/// (Documentation/admin-guide/mm/pagemap.rst in Linux): it has written there, and does not have the file's bytes in
/// memory any more. One thread's.
/// </summary>
internal sealed unsafe class OwnCopies
{
    private const ulong Present = 1UL << 63;
    private const ulong Swapped = 1UL << 62;
    private const ulong IsFilePage = 1UL << 61;
    private const int EntriesARead = 4096;

    /// <summary>Beyond so many pages of one mapping it is not asked: its bytes are taken for the file's.</summary>
    private const long PagesMax = 1 << 20;

    private readonly ulong[] _entries = new ulong[EntriesARead];
    private readonly long _page = Environment.SystemPageSize;

    /// <summary>Addresses in a window at which the process has copies, by page.</summary>
    /// <param name="folder">Of the process in /proc.</param>
    /// <returns>None where it cannot be told.</returns>
    internal ByteRangeSet In(int folder, ByteRange window)
    {
        int pages = Native.OpenAt(folder, "pagemap"u8, Native.O_RDONLY | Native.O_CLOEXEC);
        if (pages < 0) return ByteRangeSet.Empty;
        try
        {
            long first = window.Offset / _page;
            long end = Math.Min(((window.End - 1) / _page) + 1, first + PagesMax);
            var copies = new List<ByteRange>();
            for (long at = first; at < end;)
            {
                nint read;
                fixed (ulong* entries = _entries)
                {
                    nuint most = (nuint)(Math.Min(EntriesARead, end - at) * sizeof(ulong));
                    read = Native.ReadAt(pages, (byte*)entries, most, at * sizeof(ulong));
                }

                int count = (int)(read / sizeof(ulong));
                if (count <= 0) break;
                for (int i = 0; i < count; i++)
                {
                    if (IsCopy(_entries[i])) copies.Add(new((at + i) * _page, _page));
                }

                at += count;
            }

            return ByteRangeSet.From(copies);
        }
        finally
        {
            _ = Native.Close(pages);
        }
    }

    /// <summary>A page of the file is never swapped out: it is read again.</summary>
    private static bool IsCopy(ulong entry) =>
        (entry & Swapped) != 0 || (entry & (Present | IsFilePage)) == Present;
}
