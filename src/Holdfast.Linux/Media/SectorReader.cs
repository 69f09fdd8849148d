// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Media;

/// <summary>
/// Reads a block device or image around the page cache (O_DIRECT), by whole logical sectors. Nothing is kept of what is
/// read. One thread's.
/// </summary>
public sealed unsafe class SectorReader : IMediaReader
{
    /// <summary>Bytes of the largest read.</summary>
    public const int ReadMax = 1 << 20;

    private const nuint BLKSSZGET = 0x1268;
    private const int FilePage = 4096;
    private const nuint LargePage = 2 << 20;

    private readonly SafeFileHandle _handle;
    private readonly byte* _buffer;

    private SectorReader(string name, SafeFileHandle handle, long length, int sectorSize)
    {
        Name = name;
        _handle = handle;
        Length = length / sectorSize * sectorSize;
        SectorSize = sectorSize;
        // In one large page, where the kernel has one: it is pinned for each read, which costs more the more pages.
        _buffer = (byte*)NativeMemory.AlignedAlloc(LargePage, LargePage);
        _ = Native.AdviseMemory(_buffer, LargePage, Native.MADV_HUGEPAGE);
        new Span<byte>(_buffer, ReadMax).Clear();
    }

    public string Name { get; }

    public long Length { get; }

    public int SectorSize { get; }

    /// <exception cref="KernelRefusal">It cannot be opened, or not be read around the page cache.</exception>
    public static SectorReader Open(string path)
    {
        // Non-blocking: a pipe without a writer would hold the open for ever.
        const int flags = Native.O_RDONLY | Native.O_CLOEXEC | Native.O_NONBLOCK;
        SafeFileHandle handle = Native.Open(path, flags | Native.O_DIRECT);
        if (handle.IsInvalid) throw KernelRefusal.Last(path, "open");
        try
        {
            long length = Native.Seek(handle, 0, Native.SEEK_END);
            if (length < 0) throw KernelRefusal.Last(path, "lseek");
            int sector = 0;
            // A file has no sectors of its own; the filesystem below reads whole pages.
            if (Native.Ioctl(handle, BLKSSZGET, &sector) != 0) sector = FilePage;
            return new(path, handle, length, sector);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public int Read(long offset, int length, out int errno)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ReadMax);
        int done = 0;
        while (done < length)
        {
            nint got = Native.ReadFrom(_handle, _buffer + done, (nuint)(length - done), offset + done);
            if (got < 0)
            {
                errno = Marshal.GetLastPInvokeError();
                if (errno == Native.EINTR) continue;
                return done;
            }

            // A file that was cut meanwhile ends here, be it within a sector.
            if (got < SectorSize)
            {
                errno = Native.ENXIO;
                return done;
            }

            done += (int)got / SectorSize * SectorSize;
        }

        errno = 0;
        return done;
    }

    public void Dispose()
    {
        _handle.Dispose();
        NativeMemory.AlignedFree(_buffer);
    }
}
