// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Stack;

/// <summary>
/// FS_IOC_FIEMAP (linux/fiemap.h): where a file lies on the device of its filesystem. Nothing is flushed for it, so
/// what is only in memory has no place. The file is held open until this is disposed.
/// </summary>
public sealed class FileExtents : IDisposable
{
    private const nuint FS_IOC_FIEMAP = 0xC020660B;
    private const nuint FS_IOC_FSGETXATTR = 0x801C581F;
    private const int FsxattrSize = 28;
    private const uint FS_XFLAG_REALTIME = 1;
    private const uint FIEMAP_EXTENT_LAST = 1;
    private const uint FIEMAP_EXTENT_UNWRITTEN = 0x800;
    private const uint FIEMAP_EXTENT_SHARED = 0x2000;

    // Unknown, delayed, encoded, encrypted, not aligned, in the inode, packed with others: a place is not theirs alone,
    // or is not that of these bytes.
    private const uint Placeless = 0x2 | 0x4 | 0x8 | 0x80 | 0x100 | 0x200 | 0x400;

    // struct statfs begins with the filesystem's magic number (linux/magic.h).
    private const int StatFsSize = 256;
    private const uint XFS_SUPER_MAGIC = 0x58465342;
    private const uint EXT4_SUPER_MAGIC = 0xEF53;
    private const int ExtentsACall = 512;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly FileExtent[] _batch = new FileExtent[ExtentsACall];

    private FileExtents(SafeFileHandle file, string path, FileIdentity identity)
    {
        _file = file;
        _path = path;
        Identity = identity;
        Opaque = WhyOpaque();
    }

    public FileIdentity Identity { get; }

    /// <summary>The device that the file's filesystem lies on.</summary>
    public DeviceNumber LiesOn => Identity.LiesOn;

    /// <summary>
    /// Why the places that the kernel names are not bytes of <see cref="LiesOn"/>; null where they are.
    /// </summary>
    public string? Opaque { get; }

    /// <param name="path">A regular file. Nothing but its inode is looked at.</param>
    /// <exception cref="KernelRefusal">It cannot be opened.</exception>
    public static FileExtents Open(string path)
    {
        // Without blocking, lest a pipe has come in the file's place.
        SafeFileHandle file = Native.Open(path, Native.O_RDONLY | Native.O_NONBLOCK | Native.O_CLOEXEC);
        if (file.IsInvalid) throw KernelRefusal.Last(path, "open");
        if (FileIdentity.At(file, []) is { } identity) return new(file, path, identity);
        file.Dispose();
        throw KernelRefusal.Last(path, "statx");
    }

    /// <summary>
    /// The extents that have bytes in a part of the file, cut to it, in the file's order; holes are left out. Asked for
    /// batch by batch: memory is bounded however many there are.
    /// </summary>
    /// <exception cref="KernelRefusal">The filesystem cannot say, or could not read its own map.</exception>
    public IEnumerable<FileExtent> Within(ByteRange window)
    {
        for (long at = window.Offset; at < window.End;)
        {
            int count = Ask(at, window.End - at, out bool isLast);
            long next = at;
            for (int i = 0; i < count; i++)
            {
                FileExtent extent = _batch[i];
                next = Math.Max(next, extent.End);
                var hit = ByteRange.FromTo(at, window.End).Intersect(new(extent.Offset, extent.Length));
                // What has moved while it was being asked about may come twice.
                if (hit.IsEmpty) continue;
                yield return extent with
                {
                    Offset = hit.Offset,
                    Length = hit.Length,
                    Place = extent.Place + (hit.Offset - extent.Offset),
                };
            }

            if (isLast || next == at) yield break;
            at = next;
        }
    }

    public void Dispose() => _file.Dispose();

    /// <returns>How many extents the batch has.</returns>
    private unsafe int Ask(long offset, long length, out bool isLast)
    {
        int size = sizeof(Head) + (ExtentsACall * sizeof(Record));
        var head = (Head*)NativeMemory.AllocZeroed((nuint)size);
        try
        {
            head->Start = (ulong)offset;
            head->Length = (ulong)length;
            head->Count = ExtentsACall;
            if (Native.Ioctl(_file, FS_IOC_FIEMAP, head) != 0) throw KernelRefusal.Last(_path, "FS_IOC_FIEMAP");
            int count = (int)Math.Min(head->Mapped, ExtentsACall);
            isLast = count == 0;
            int kept = 0;
            for (int i = 0; i < count; i++)
            {
                ref Record record = ref ((Record*)(head + 1))[i];
                isLast |= (record.Flags & FIEMAP_EXTENT_LAST) != 0;
                if (Extent(in record) is { } extent) _batch[kept++] = extent;
            }

            return kept;
        }
        finally
        {
            NativeMemory.Free(head);
        }
    }

    /// <returns>Null for what is no range.</returns>
    private static FileExtent? Extent(ref readonly Record record)
    {
        long offset = (long)record.Logical;
        long place = (long)record.Physical;
        long length = (long)record.Length;
        if (offset < 0 || length <= 0 || length > long.MaxValue - offset) return null;
        bool isPlaced = (record.Flags & Placeless) == 0 && place >= 0 && length <= long.MaxValue - place;
        return new(
            offset, length, isPlaced ? place : null, (record.Flags & FIEMAP_EXTENT_UNWRITTEN) != 0,
            (record.Flags & FIEMAP_EXTENT_SHARED) != 0);
    }

    private unsafe string? WhyOpaque()
    {
        byte* statistics = stackalloc byte[StatFsSize];
        if (Native.StatFs(_file, statistics) != 0) return "a file on a filesystem that does not say what it is";
        uint magic = *(uint*)statistics;
        // Btrfs names places of its own that are no device's; others may have several devices, or none.
        if (magic is not (XFS_SUPER_MAGIC or EXT4_SUPER_MAGIC))
        {
            return "a file on a filesystem whose places on its device cannot be followed";
        }

        byte* attributes = stackalloc byte[FsxattrSize];
        bool isRealtime = magic == XFS_SUPER_MAGIC
            && Native.Ioctl(_file, FS_IOC_FSGETXATTR, attributes) == 0
            && (*(uint*)attributes & FS_XFLAG_REALTIME) != 0;
        return isRealtime ? "a file on the realtime device of its filesystem" : null;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Head
    {
        public ulong Start;
        public ulong Length;
        public uint Flags;
        public uint Mapped;
        public uint Count;
        public uint Reserved;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Record
    {
        public ulong Logical;
        public ulong Physical;
        public ulong Length;
        public ulong Reserved1;
        public ulong Reserved2;
        public uint Flags;
        public uint Reserved3;
        public uint Reserved4;
        public uint Reserved5;
    }
}
