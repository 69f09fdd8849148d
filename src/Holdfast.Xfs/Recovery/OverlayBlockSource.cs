// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using Holdfast.Devices.Sources;
using Holdfast.Failures;

namespace Holdfast.Xfs.Recovery;

/// <summary>
/// Recovered sectors lying over a device: what was written here is read from here, everything else from below. The
/// device itself is never written. Memory grows with the distinct pages that were written. Borrows what it wraps. Any
/// number of threads may read; nobody may read while one writes.
/// </summary>
public sealed class OverlayBlockSource(IBlockSource below) : IBlockSource
{
    /// <summary>Bytes in which recovered content is kept: written or not.</summary>
    public const int SectorBytes = 512;

    private const int PageLog = 12;
    private const int PageBytes = 1 << PageLog;
    private const int SectorsPerPage = PageBytes / SectorBytes;
    private const int PagesPerSlab = 64;

    /// <summary>Bytes that one read takes from the device: the largest buffer.</summary>
    private const int FetchMax = 65536;

    private const int WholePage = (1 << SectorsPerPage) - 1;

    private struct Page
    {
        public int Slot;

        /// <summary>A bit for each sector that is here.</summary>
        public int Present;
    }

    private readonly Dictionary<long, Page> _pages = [];
    private readonly List<byte[]> _slabs = [];
    private readonly byte[] _fetching = new byte[FetchMax];
    private int _slots;

    public string Name => below.Name;

    public long Length => below.Length;

    public int SectorSize => below.SectorSize;

    /// <summary>Bytes that are read from here and not from the device.</summary>
    public long RecoveredBytes { get; private set; }

    /// <summary>The bytes that are read from here, in device order.</summary>
    public ByteRangeSet Recovered => ByteRangeSet.From(RecoveredSectors());

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length) return ReadFault.AtEnd(offset, Length);
        // Nearly all reads are of places that no log speaks of.
        if (_pages.Count == 0) return below.Read(offset, buffer);
        while (!buffer.IsEmpty)
        {
            int run = RunAt(offset, buffer.Length, out bool here);
            Span<byte> part = buffer[..run];
            if (here)
            {
                CopyOut(offset, part);
            }
            else
            {
                ReadFault fault = below.Read(offset, part);
                if (!fault.IsNone) return fault;
            }

            offset += run;
            buffer = buffer[run..];
        }

        return ReadFault.None;
    }

    public bool Prefetch(long offset, long length) => below.Prefetch(offset, length);

    /// <summary>Does the overlay hold every byte of the range?</summary>
    public bool Covers(long offset, long length)
    {
        for (long end = offset + length; offset < end;)
        {
            int run = RunAt(offset, (int)Math.Min(end - offset, int.MaxValue), out bool here);
            if (!here) return false;
            offset += run;
        }

        return true;
    }

    /// <summary>Puts bytes over the device. Whole sectors of 512 bytes; past the device's end is a misuse.</summary>
    internal void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset % SectorBytes, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length % SectorBytes, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - bytes.Length);
        while (!bytes.IsEmpty)
        {
            int within = (int)(offset & (PageBytes - 1));
            int run = Math.Min(bytes.Length, PageBytes - within);
            ref Page page = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                _pages, offset >> PageLog, out bool known);
            if (!known) page.Slot = NewSlot();
            bytes[..run].CopyTo(Bytes(page).Slice(within, run));
            int mask = Mask(within, run);
            RecoveredBytes += (long)SectorBytes * BitOperations.PopCount((uint)(mask & ~page.Present));
            page.Present |= mask;
            offset += run;
            bytes = bytes[run..];
        }
    }

    /// <summary>Takes the sectors that are not here yet from the device, so that they can be patched.</summary>
    /// <returns>The first that cannot be had; the good ones before it are here.</returns>
    internal ReadFault Fetch(long offset, int length)
    {
        if (offset < 0 || offset > Length - length) return ReadFault.AtEnd(offset, Length);
        for (long end = offset + length; offset < end;)
        {
            int run = RunAt(offset, (int)Math.Min(end - offset, _fetching.Length), out bool here);
            if (!here)
            {
                ReadFault fault = below.Read(offset, _fetching.AsSpan(0, run));
                if (!fault.IsNone) return fault;
                Write(offset, _fetching.AsSpan(0, run));
            }

            offset += run;
        }

        return ReadFault.None;
    }

    /// <summary>Changes bytes of sectors that are here.</summary>
    internal void Patch(long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int within = (int)(offset & (PageBytes - 1));
            int run = Math.Min(bytes.Length, PageBytes - within);
            bytes[..run].CopyTo(Bytes(_pages[offset >> PageLog]).Slice(within, run));
            offset += run;
            bytes = bytes[run..];
        }
    }

    /// <summary>The device stays open: it is not the overlay's.</summary>
    public void Dispose()
    {
    }

    /// <summary>Bytes from here on that are all on one side; never across a page that is only partly here.</summary>
    private int RunAt(long offset, int length, out bool here)
    {
        here = false;
        int run = 0;
        while (run < length)
        {
            long at = offset + run;
            int within = (int)(at & (PageBytes - 1));
            if (!_pages.TryGetValue(at >> PageLog, out Page page))
            {
                if (here) return run;
                run = Math.Min(length, run + PageBytes - within);
                continue;
            }

            if (run > 0) return run;
            here = (page.Present & (1 << within / SectorBytes)) != 0;
            if (here && page.Present == WholePage) return Math.Min(length, PageBytes - within);
            return Math.Min(length, SectorBytes - within % SectorBytes);
        }

        return run;
    }

    private void CopyOut(long offset, Span<byte> part) =>
        Bytes(_pages[offset >> PageLog]).Slice((int)(offset & (PageBytes - 1)), part.Length).CopyTo(part);

    private Span<byte> Bytes(Page page) =>
        _slabs[page.Slot / PagesPerSlab].AsSpan(page.Slot % PagesPerSlab * PageBytes, PageBytes);

    private int NewSlot()
    {
        if (_slots == _slabs.Count * PagesPerSlab)
        {
            _slabs.Add(GC.AllocateUninitializedArray<byte>(PagesPerSlab * PageBytes));
        }

        return _slots++;
    }

    private static int Mask(int within, int run) =>
        ((1 << run / SectorBytes) - 1) << within / SectorBytes;

    private IEnumerable<ByteRange> RecoveredSectors()
    {
        foreach ((long number, Page page) in _pages)
        {
            for (int sector = 0; sector < SectorsPerPage; sector++)
            {
                if ((page.Present & (1 << sector)) == 0) continue;
                yield return new((number << PageLog) + (long)sector * SectorBytes, SectorBytes);
            }
        }
    }
}
