// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Devices.Sources;

/// <summary>
/// A block device or an image file, opened read-only and read by position. Owns its handle. Buffered: the page cache
/// makes repeated reads of metadata cheap, and a failed read is asked again sector by sector around the cache, so that
/// one bad sector does not cost its whole page.
/// </summary>
public sealed class DeviceBlockSource : IBlockSource
{
    private readonly SafeFileHandle _handle;
    private readonly Lazy<SafeFileHandle> _direct;

    private DeviceBlockSource(string path, SafeFileHandle handle, long length, int sectorSize)
    {
        Name = path;
        _handle = handle;
        Length = length;
        SectorSize = sectorSize;
        _direct = new(() => Native.Open(path, Native.O_RDONLY | Native.O_CLOEXEC | Native.O_DIRECT));
    }

    public string Name { get; }

    public long Length { get; }

    public int SectorSize { get; }

    /// <summary>Opens read-only.</summary>
    /// <exception cref="IOException">It cannot be opened, or is neither a file nor a block device.</exception>
    public static DeviceBlockSource Open(string path)
    {
        SafeFileHandle handle = Native.Open(path, Native.O_RDONLY | Native.O_CLOEXEC);
        if (handle.IsInvalid) throw Failure(path, Marshal.GetLastPInvokeError());
        long length = Native.LSeek(handle, 0, Native.SEEK_END);
        int errno = Marshal.GetLastPInvokeError();
        if (length < 0 || Directory.Exists(path))
        {
            handle.Dispose();
            throw length < 0 ? Failure(path, errno) : new IOException($"{path}: is a directory");
        }

        bool isDevice = Native.IoctlInt(handle, Native.BLKSSZGET, out int sectorSize) == 0;
        return new DeviceBlockSource(path, handle, length, isDevice ? sectorSize : 512);
    }

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length) return new(ReadFaultKind.PastEnd, Math.Max(offset, Length), 0);
        while (!buffer.IsEmpty)
        {
            nint got = Native.PRead(_handle, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length, offset);
            if (got > 0)
            {
                offset += got;
                buffer = buffer[(int)got..];
                continue;
            }

            int errno = got == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (got == 0) return new(ReadFaultKind.PastEnd, offset, 0);
            if (errno == Native.EINTR) continue;
            return ReadAroundTheCache(offset, buffer, errno);
        }

        return ReadFault.None;
    }

    public void Dispose()
    {
        _handle.Dispose();
        if (_direct.IsValueCreated) _direct.Value.Dispose();
    }

    /// <summary>A buffered read fails by the page; the medium fails by the sector.</summary>
    private unsafe ReadFault ReadAroundTheCache(long offset, Span<byte> buffer, int errno)
    {
        if (_direct.Value.IsInvalid) return new(ReadFaultKind.Io, offset, errno);
        byte* sector = (byte*)NativeMemory.AlignedAlloc((nuint)SectorSize, 4096);
        try
        {
            while (!buffer.IsEmpty)
            {
                long start = offset / SectorSize * SectorSize;
                nint got = Native.PRead(_direct.Value, ref *sector, (nuint)SectorSize, start);
                int skip = (int)(offset - start);
                if (got <= skip) return new(ReadFaultKind.Io, offset, got < 0 ? Marshal.GetLastPInvokeError() : errno);
                int take = Math.Min((int)got - skip, buffer.Length);
                new ReadOnlySpan<byte>(sector + skip, take).CopyTo(buffer);
                buffer = buffer[take..];
                offset += take;
            }

            return ReadFault.None;
        }
        finally
        {
            NativeMemory.AlignedFree(sector);
        }
    }

    private static IOException Failure(string path, int errno) =>
        new($"{path}: {Native.ErrorName(errno).ToLowerInvariant()}") { HResult = errno };
}
