// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Devices.Sources;

/// <summary>
/// A block device or an image file, opened read-only and read by position. Owns its handle. Buffered: the page cache
/// makes repeated reads of metadata cheap, and a failed read is asked again sector by sector around the cache, so that
/// one bad sector does not cost its whole page. The kernel reads nothing ahead on its own: metadata lies scattered, and
/// next to what was asked for there may be a sector that takes a dying disk a minute.
/// </summary>
public sealed class DeviceBlockSource : IBlockSource
{
    /// <summary>
    /// The largest page of any machine, and with it the most that one failed buffered read stands for.
    /// </summary>
    private const int PageSizeMax = 65536;

    /// <summary>Where the sector size does not satisfy a direct read, this alignment does.</summary>
    private const int DirectUnitMax = 4096;

    /// <summary>A read that takes longer has waited for the medium.</summary>
    private static readonly long SlowReadTicks = Stopwatch.Frequency / 5000; // 0.2 ms

    /// <summary>Reads without a wait after which the page cache is taken to have everything.</summary>
    private const int QuickReads = 256;

    private readonly SafeFileHandle _handle;

    /// <summary>Null where it was given open.</summary>
    private readonly string? _path;
    private readonly Lazy<SafeFileHandle> _direct;

    /// <summary>
    /// Hints are passed on while this is positive: they cost as much as a read from the page cache. Each thread's
    /// view of it may be late.
    /// </summary>
    private int _worthPrefetching;

    /// <summary>A read has failed. What cannot be read takes a disk long, and a hint would make it try twice.</summary>
    private volatile bool _isFailing;

    private DeviceBlockSource(string name, string? path, SafeFileHandle handle, long length, int sectorSize)
    {
        Name = name;
        _path = path;
        _handle = handle;
        Length = length;
        SectorSize = sectorSize;
        _direct = new(OpenDirect);
    }

    public string Name { get; }

    public long Length { get; }

    public int SectorSize { get; }

    /// <summary>Opens read-only.</summary>
    /// <exception cref="IOException">It cannot be opened, or is neither a file nor a block device.</exception>
    public static DeviceBlockSource Open(string path)
    {
        // Non-blocking: a FIFO without a writer would hold the open for ever. Files and block devices do not care.
        SafeFileHandle handle = Native.Open(path, Native.O_RDONLY | Native.O_CLOEXEC | Native.O_NONBLOCK);
        if (handle.IsInvalid) throw Failure(path, Marshal.GetLastPInvokeError());
        return Of(handle, path, path);
    }

    /// <summary>
    /// Of what is open already, for reading; it may have no name at all. It is never read around the page cache: of a
    /// file that others write to, that would write out what they have written. So a bad sector costs its whole page.
    /// </summary>
    /// <param name="handle">Owned from here on, also where this fails.</param>
    /// <exception cref="IOException">It is neither a file nor a block device.</exception>
    public static DeviceBlockSource Of(SafeFileHandle handle, string name) => Of(handle, name, null);

    private static DeviceBlockSource Of(SafeFileHandle handle, string name, string? path)
    {
        int type = Native.FileType(handle);
        if (type is not (Native.S_IFREG or Native.S_IFBLK))
        {
            handle.Dispose();
            string what = type == Native.S_IFDIR ? "is a directory" : "is neither a file nor a block device";
            throw new IOException($"{name}: {what}");
        }

        long length = Native.LSeek(handle, 0, Native.SEEK_END);
        if (length < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            handle.Dispose();
            throw Failure(name, errno);
        }

        int sectorSize = 512;
        if (type == Native.S_IFBLK && Native.IoctlInt(handle, Native.BLKSSZGET, out int logical) == 0)
        {
            sectorSize = logical;
        }

        _ = Native.Advise(handle, 0, 0, Native.POSIX_FADV_RANDOM);
        return new DeviceBlockSource(name, path, handle, length, sectorSize);
    }

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length) return ReadFault.AtEnd(offset, Length);
        while (!buffer.IsEmpty)
        {
            long started = Stopwatch.GetTimestamp();
            nint got = Native.PRead(_handle, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length, offset);
            if (Stopwatch.GetTimestamp() - started > SlowReadTicks) _worthPrefetching = QuickReads;
            else if (_worthPrefetching > 0) _worthPrefetching--;
            if (got < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno == Native.EINTR) continue;
                _isFailing = true;
                ReadFault fault = ReadAroundTheCache(offset, buffer, errno, out int passed);
                if (!fault.IsNone) return fault;
                got = passed;
            }

            // The file was cut after it was opened.
            if (got == 0) return new(ReadFaultKind.PastEnd, offset, 0);
            offset += got;
            buffer = buffer[(int)got..];
        }

        return ReadFault.None;
    }

    public bool Prefetch(long offset, long length) => _worthPrefetching > 0 && !_isFailing
        && Native.Advise(_handle, offset, length, Native.POSIX_FADV_WILLNEED) == 0;

    public void Dispose()
    {
        _handle.Dispose();
        if (_direct.IsValueCreated) _direct.Value.Dispose();
    }

    /// <summary>
    /// A buffered read fails by the page; the medium fails by the sector. Reads up to the end of the page, or to the
    /// first sector that cannot be had; after that the cache may serve again.
    /// </summary>
    private unsafe ReadFault ReadAroundTheCache(long offset, Span<byte> buffer, int errno, out int passed)
    {
        passed = 0;
        if (_direct.Value.IsInvalid) return new(ReadFaultKind.Io, offset, errno);
        long end = Math.Min(offset + buffer.Length, ((offset / PageSizeMax) + 1) * PageSizeMax);
        int unit = SectorSize;
        byte* sector = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(unit, DirectUnitMax), DirectUnitMax);
        try
        {
            while (offset + passed < end)
            {
                long at = offset + passed;
                long start = at / unit * unit;
                nint got = Native.PRead(_direct.Value, ref *sector, (nuint)unit, start);
                int refusal = got < 0 ? Marshal.GetLastPInvokeError() : errno;
                if (refusal == Native.EINTR) continue;
                if (got < 0 && refusal == Native.EINVAL && unit < DirectUnitMax)
                {
                    // An image file on a disk with larger sectors can only be read directly by those.
                    unit = DirectUnitMax;
                    continue;
                }

                int skip = (int)(at - start);
                // What a direct read refuses for its shape says nothing about the medium: the first error does.
                if (got <= skip) return new(ReadFaultKind.Io, at, refusal == Native.EINVAL ? errno : refusal);
                int take = (int)Math.Min(got - skip, end - at);
                new ReadOnlySpan<byte>(sector + skip, take).CopyTo(buffer[passed..]);
                passed += take;
            }

            return ReadFault.None;
        }
        finally
        {
            NativeMemory.AlignedFree(sector);
        }
    }

    /// <summary>The same file again, even if its name has moved on since: through the open descriptor.</summary>
    private SafeFileHandle OpenDirect()
    {
        if (_path is null) return new();
        int flags = Native.O_RDONLY | Native.O_CLOEXEC | Native.O_NONBLOCK | Native.O_DIRECT;
        SafeFileHandle again = Native.Open($"/proc/self/fd/{_handle.DangerousGetHandle()}", flags);
        return again.IsInvalid ? Native.Open(_path, flags) : again;
    }

    private static IOException Failure(string path, int errno) =>
        new($"{path}: {Native.ErrorName(errno).ToLowerInvariant()}") { HResult = errno };
}
