// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>An entry of a directory, "." and ".." too.</summary>
/// <param name="type">DT_* of getdents(2), 0 where the directory does not say.</param>
/// <param name="name">Bytes, valid during the call.</param>
internal delegate void DirectoryEntryVisitor(ulong inode, byte type, ReadOnlySpan<byte> name);

/// <summary>
/// getdents64(2) on an XFS directory. The place of an entry, d_off of the one before it, is its byte in the directory
/// file in units of eight: so the entries of one block can be told, and a block that cannot be read be passed over. Not
/// for several threads.
/// </summary>
internal sealed unsafe class DirectoryEntries(MountedXfs xfs) : IDisposable
{
    private const int Unit = 8;
    private const int BufferSize = 64 << 10;

    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferSize);
    private readonly long _block = xfs.Geometry.DirectoryBlockSize / Unit;

    /// <summary>All entries but those of blocks that cannot be read.</summary>
    /// <param name="size">Bytes of the directory.</param>
    /// <returns>False where a block could not be read.</returns>
    internal bool ForEach(SafeFileHandle directory, long size, DirectoryEntryVisitor each)
    {
        bool isWhole = true;
        long end = (size + Unit - 1) / Unit;
        Native.Seek(directory, 0, Native.SEEK_SET);
        while (true)
        {
            int length = Read(directory);
            if (length == 0) return isWhole;
            if (length > 0)
            {
                Walk(length, 0, (inode, type, name, _, _) =>
                {
                    each(inode, type, name);
                    return true;
                });
                continue;
            }

            isWhole = false;
            // The kernel stops at the block that it cannot read.
            long behind = ((Native.Seek(directory, 0, Native.SEEK_CUR) / _block) + 1) * _block;
            if (behind >= end || Native.Seek(directory, behind, Native.SEEK_SET) < 0) return false;
        }
    }

    /// <summary>The entries that begin in one block.</summary>
    /// <param name="offset">Its first byte in the directory file.</param>
    /// <returns>False where it cannot be read.</returns>
    internal bool ForEachIn(SafeFileHandle directory, long offset, DirectoryEntryVisitor each)
    {
        long from = offset / Unit;
        long end = from + _block;
        (ulong Inode, byte[] Name)? behind = null;
        bool isFirst = true;
        bool isOver = false;
        Native.Seek(directory, from, Native.SEEK_SET);
        while (!isOver)
        {
            int length = Read(directory);
            if (length < 0) return Native.Seek(directory, 0, Native.SEEK_CUR) >= end;
            if (length == 0) return true;
            Walk(length, from, (inode, type, name, at, next) =>
            {
                // Of the first one is known only that it is not before this block: it may be in one behind it.
                if (isFirst && next >= end) behind = FirstAt(directory, end);
                isOver = at >= end || (behind is { } there && there.Inode == inode && name.SequenceEqual(there.Name));
                isFirst = false;
                if (!isOver) each(inode, type, name);
                from = next;
                return !isOver;
            });
            // To look behind the block has moved the place.
            if (behind is not null) Native.Seek(directory, from, Native.SEEK_SET);
            behind = null;
            isOver |= from >= end;
        }

        return true;
    }

    public void Dispose() => NativeMemory.Free(_buffer);

    private (ulong Inode, byte[] Name)? FirstAt(SafeFileHandle directory, long place)
    {
        // With memory of its own: the caller is still reading the other.
        using var own = new DirectoryEntries(xfs);
        Native.Seek(directory, place, Native.SEEK_SET);
        (ulong, byte[])? first = null;
        int length = own.Read(directory);
        if (length > 0)
        {
            own.Walk(length, place, (inode, _, name, _, _) =>
            {
                first = (inode, name.ToArray());
                return false;
            });
        }

        return first;
    }

    /// <returns>Bytes; 0 at the end; less where it cannot be read.</returns>
    private int Read(SafeFileHandle directory) =>
        (int)Native.GetDirectoryEntries(directory, _buffer, BufferSize);

    private delegate bool PlacedVisitor(ulong inode, byte type, ReadOnlySpan<byte> name, long at, long next);

    private void Walk(int length, long at, PlacedVisitor each)
    {
        var bytes = new ReadOnlySpan<byte>(_buffer, length);
        while (bytes.Length > DirectoryEntryAt.Name)
        {
            int size = MemoryMarshal.Read<ushort>(bytes[DirectoryEntryAt.Length..]);
            ReadOnlySpan<byte> name = bytes[DirectoryEntryAt.Name..size];
            long next = MemoryMarshal.Read<long>(bytes[DirectoryEntryAt.Next..]);
            ulong inode = MemoryMarshal.Read<ulong>(bytes[DirectoryEntryAt.Inode..]);
            if (!each(inode, bytes[DirectoryEntryAt.Type], name[..name.IndexOf((byte)0)], at, next)) return;

            at = next;
            bytes = bytes[size..];
        }
    }
}
