// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Testing;

/// <summary>An entry for a directory writer. A null name is a stretch of free space of the length given.</summary>
public readonly record struct WrittenEntry(
    ulong Inode, string? Name, DirectoryFileType FileType = DirectoryFileType.RegularFile, int FreeLength = 0)
{
    public static WrittenEntry Free(int length) => new(0, null, FreeLength: length);
}

/// <summary>Writes directory data blocks, of both forms and both versions; what is left of the block is free.</summary>
public static class DirectoryBlockWriter
{
    public static byte[] WriteData(
        in BlockIdentity identity, int blockSize, bool hasFileTypes, params ReadOnlySpan<WrittenEntry> entries)
    {
        byte[] block = new byte[blockSize];
        uint magic = identity.HasCrc ? Magic.DirectoryDataV5 : Magic.DirectoryDataV4;
        WriteBody(block, in identity, blockSize, hasFileTypes, entries);
        StampWriter.Directory(block, in identity, magic);
        return block;
    }

    /// <summary>With the hash index at the end; <paramref name="stale"/> entries of it are stale.</summary>
    public static byte[] WriteSingle(
        in BlockIdentity identity,
        int blockSize,
        bool hasFileTypes,
        int stale,
        params ReadOnlySpan<WrittenEntry> entries)
    {
        byte[] block = new byte[blockSize];
        int tailAt = blockSize - DirectoryDataBlock.At.TailSize;
        var leaf = new List<DirectoryLeafEntry>();
        for (int index = 0; index < stale; index++) leaf.Add(new(0, 0));
        int at = DirectoryDataBlock.At.HeaderSizeOf(identity.HasCrc);
        foreach (WrittenEntry entry in entries)
        {
            if (entry.Name is { } name)
            {
                uint hash = DirectoryName.Hash(Encoding.UTF8.GetBytes(name));
                leaf.Add(new(hash, (uint)at / DirectoryDataBlock.Alignment));
            }

            at += SizeOf(entry, hasFileTypes);
        }

        int leafAt = tailAt - leaf.Count * DirectoryLeafEntry.Size;
        WriteBody(block, in identity, leafAt, hasFileTypes, entries);
        DirectoryLeafWriter.WriteEntries(block.AsSpan(leafAt), leaf);
        BinaryPrimitives.WriteInt32BigEndian(block.AsSpan(tailAt + DirectoryDataBlock.At.TailCountAt), leaf.Count);
        BinaryPrimitives.WriteInt32BigEndian(block.AsSpan(tailAt + DirectoryDataBlock.At.TailStaleAt), stale);
        uint magic = identity.HasCrc ? Magic.DirectoryBlockV5 : Magic.DirectoryBlockV4;
        StampWriter.Directory(block, in identity, magic);
        return block;
    }

    private static void WriteBody(
        byte[] block, in BlockIdentity identity, int end, bool hasFileTypes, ReadOnlySpan<WrittenEntry> entries)
    {
        int at = DirectoryDataBlock.At.HeaderSizeOf(identity.HasCrc);
        foreach (WrittenEntry entry in entries)
        {
            int size = SizeOf(entry, hasFileTypes);
            if (entry.Name is { } name) WriteEntry(block, at, size, entry, name, hasFileTypes);
            else WriteFree(block, at, size);
            at += size;
        }

        if (at < end) WriteFree(block, at, end - at);
    }

    private static void WriteEntry(byte[] block, int at, int size, WrittenEntry entry, string text, bool hasFileTypes)
    {
        byte[] name = Encoding.UTF8.GetBytes(text);
        Span<byte> target = block.AsSpan(at, size);
        BinaryPrimitives.WriteUInt64BigEndian(target[DirectoryDataBlock.At.InodeAt..], entry.Inode);
        target[DirectoryDataBlock.At.NameLengthAt] = (byte)name.Length;
        name.CopyTo(target[DirectoryDataBlock.At.NameAt..]);
        if (hasFileTypes) target[DirectoryDataBlock.At.NameAt + name.Length] = (byte)entry.FileType;
        BinaryPrimitives.WriteUInt16BigEndian(target[^DirectoryDataBlock.At.TagSize..], (ushort)at);
    }

    private static void WriteFree(byte[] block, int at, int length)
    {
        Span<byte> target = block.AsSpan(at, length);
        BinaryPrimitives.WriteUInt16BigEndian(
            target[DirectoryDataBlock.At.FreeTagAt..], DirectoryDataBlock.At.FreeTag);
        BinaryPrimitives.WriteUInt16BigEndian(target[DirectoryDataBlock.At.FreeLengthAt..], (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(target[^DirectoryDataBlock.At.TagSize..], (ushort)at);
    }

    private static int SizeOf(WrittenEntry entry, bool hasFileTypes) => entry.Name is { } name
        ? DirectoryDataBlock.At.EntrySizeOf(Encoding.UTF8.GetByteCount(name), hasFileTypes)
        : entry.FreeLength;
}
