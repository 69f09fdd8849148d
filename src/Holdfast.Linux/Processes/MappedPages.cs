// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Policies;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Processes;

/// <summary>
/// What a process has at an address, by /proc/PID/pagemap (admin-guide/mm/pagemap.rst): eight bytes a page; bit 63
/// present, 62 swapped out, 61 of a file.
/// </summary>
internal static class MappedPages
{
    private const ulong Present = 1UL << 63;
    private const ulong Swapped = 1UL << 62;
    private const ulong OfFile = 1UL << 61;
    private const int PagesMax = 1 << 16;

    /// <returns>What most says that it is hit: a page of the file anywhere in the range. So too where it cannot be
    /// read.</returns>
    internal static MappedPage Read(KernelRoots roots, int process, IReadOnlyList<MappedBytes> mapped)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(Path.Combine(roots.Proc, $"{process}", "pagemap"));
            bool isCopied = false;
            foreach (MappedBytes at in mapped)
            {
                ulong seen = Read(file, at);
                if ((seen & OfFile) != 0) return MappedPage.OfFile;
                isCopied |= seen != 0;
            }

            return isCopied ? MappedPage.Copied : MappedPage.Untouched;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return MappedPage.OfFile;
        }
    }

    /// <summary>The bits above of all pages together.</summary>
    private static ulong Read(SafeFileHandle file, MappedBytes at)
    {
        ulong page = (ulong)Environment.SystemPageSize;
        ulong first = at.Address / page;
        ulong last = (at.Address + (ulong)Math.Max(at.Length, 1) - 1) / page;
        byte[] entries = new byte[sizeof(ulong) * (int)Math.Min(last - first + 1, PagesMax)];
        int read = RandomAccess.Read(file, entries, (long)first * sizeof(ulong));
        ulong seen = 0;
        for (int i = 0; i + sizeof(ulong) <= read; i += sizeof(ulong))
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan(i));
            if ((entry & Present) != 0) seen |= Present | (entry & OfFile);
            seen |= entry & Swapped;
        }

        return seen;
    }
}
