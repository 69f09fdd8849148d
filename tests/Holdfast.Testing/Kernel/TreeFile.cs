// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Testing.Kernel;

/// <summary>What fallocate(2) can do to a range of a file; the values are its mode flags.</summary>
[Flags]
public enum Allocation
{
    Preallocate = 0,
    KeepSize = 1,
    PunchHole = 2 | KeepSize,
    CollapseRange = 8,
    ZeroRange = 0x10,
    InsertRange = 0x20,
    UnshareRange = 0x40,
}

/// <summary>An open file of a <see cref="Tree"/>; all offsets and lengths in bytes. Closed when disposed.</summary>
public sealed unsafe class TreeFile : IDisposable
{
    private const nuint FICLONERANGE = 0x4020940D;
    private const nuint XFS_IOC_EXCHANGE_RANGE = 0x40285881;
    private const ulong XFS_EXCHANGE_RANGE_TO_EOF = 1;
    private readonly int _descriptor;
    private readonly string _name;

    internal TreeFile(int descriptor, string name)
    {
        _descriptor = descriptor;
        _name = name;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint wrote;
            fixed (byte* from = bytes) wrote = Posix.PWrite(_descriptor, from, (nuint)bytes.Length, offset);
            Posix.Require((int)wrote, $"write {_name}");
            offset += wrote;
            bytes = bytes[(int)wrote..];
        }
    }

    public void SetLength(long length) => Posix.Require(Posix.FTruncate(_descriptor, length), $"truncate {_name}");

    public void Allocate(Allocation how, long offset, long length) =>
        Posix.Require(Posix.FAllocate(_descriptor, (int)how, offset, length), $"fallocate ({how}) {_name}");

    /// <summary>As <see cref="Allocate"/>; false where the filesystem is full.</summary>
    public bool TryAllocate(Allocation how, long offset, long length)
    {
        if (Posix.FAllocate(_descriptor, (int)how, offset, length) == 0) return true;
        int errno = Marshal.GetLastPInvokeError();
        return errno == Posix.ENOSPC ? false : throw new IOException($"fallocate {_name}", errno);
    }

    /// <summary>Shares blocks of another file (or of this one). False where the filesystem has no reflink.</summary>
    public bool TryCloneRange(TreeFile from, long fromOffset, long length, long offset)
    {
        var range = new CloneRange
        {
            Source = from._descriptor, SourceOffset = fromOffset, Length = length, Offset = offset,
        };
        if (Posix.Ioctl(_descriptor, FICLONERANGE, &range) == 0) return true;
        int errno = Marshal.GetLastPInvokeError();
        if (errno == Posix.EOPNOTSUPP) return false;
        throw new IOException($"clone {from._name} to {_name}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    /// <summary>
    /// Exchanges the whole content with another file's, by their extents. False where the filesystem cannot do that.
    /// </summary>
    public bool TryExchange(TreeFile other)
    {
        var range = new ExchangeRange { File = other._descriptor, Flags = XFS_EXCHANGE_RANGE_TO_EOF };
        if (Posix.Ioctl(_descriptor, XFS_IOC_EXCHANGE_RANGE, &range) == 0) return true;
        int errno = Marshal.GetLastPInvokeError();
        if (errno == Posix.EOPNOTSUPP) return false;
        throw new IOException($"exchange {other._name} and {_name}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    public void SetOwner(uint user, uint group) =>
        Posix.Require(Posix.FChown(_descriptor, user, group), $"chown {_name}");

    public void Flush() => Posix.Require(Posix.FSync(_descriptor), $"fsync {_name}");

    public void Dispose() => _ = Posix.Close(_descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct CloneRange
    {
        public long Source;
        public long SourceOffset;
        public long Length;
        public long Offset;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ExchangeRange
    {
        public int File;
        public uint Padding;
        public ulong OffsetThere;
        public ulong OffsetHere;
        public ulong Length;
        public ulong Flags;
    }
}
