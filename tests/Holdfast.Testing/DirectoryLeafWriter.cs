// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Testing;

/// <summary>Writes the blocks of a directory's hash and free indexes, of both versions.</summary>
public static class DirectoryLeafWriter
{
    /// <summary>Many leaves: no free index at the end.</summary>
    public static byte[] WriteLeafN(
        in BlockIdentity identity, int blockSize, uint forward, uint back, IEnumerable<DirectoryLeafEntry> entries)
    {
        byte[] block = new byte[blockSize];
        WriteLeaf(block, in identity, entries);
        BinaryPrimitives.WriteUInt32BigEndian(block, forward);
        BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(sizeof(uint)), back);
        StampWriter.Da(block, in identity, identity.HasCrc ? Magic.DirectoryLeafNV5 : Magic.DirectoryLeafNV4);
        return block;
    }

    public static byte[] WriteLeaf1(
        in BlockIdentity identity,
        int blockSize,
        IEnumerable<DirectoryLeafEntry> entries,
        params ReadOnlySpan<ushort> bests)
    {
        byte[] block = new byte[blockSize];
        WriteLeaf(block, in identity, entries);
        int tailAt = blockSize - sizeof(uint);
        BinaryPrimitives.WriteInt32BigEndian(block.AsSpan(tailAt), bests.Length);
        WriteBests(block.AsSpan(tailAt - bests.Length * sizeof(ushort)), bests);
        StampWriter.Da(block, in identity, identity.HasCrc ? Magic.DirectoryLeaf1V5 : Magic.DirectoryLeaf1V4);
        return block;
    }

    public static byte[] WriteNode(
        in BlockIdentity identity, int blockSize, int level, params ReadOnlySpan<DaNodeEntry> entries)
    {
        byte[] block = new byte[blockSize];
        int header = identity.HasCrc ? 56 : 12;
        BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(header), (ushort)entries.Length);
        BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(header + sizeof(ushort)), (ushort)level);
        Span<byte> body = block.AsSpan(identity.HasCrc ? 64 : 16);
        foreach (DaNodeEntry entry in entries)
        {
            BinaryPrimitives.WriteUInt32BigEndian(body, entry.Hash);
            BinaryPrimitives.WriteUInt32BigEndian(body[sizeof(uint)..], (uint)entry.Child.Value);
            body = body[DaNodeEntry.Size..];
        }

        StampWriter.Da(block, in identity, identity.HasCrc ? Magic.DaNodeV5 : Magic.DaNodeV4);
        return block;
    }

    public static byte[] WriteFree(
        in BlockIdentity identity, int blockSize, uint first, uint used, params ReadOnlySpan<ushort> bests)
    {
        byte[] block = new byte[blockSize];
        Span<byte> header = block.AsSpan(identity.HasCrc ? 48 : 4);
        BinaryPrimitives.WriteUInt32BigEndian(header, first);
        BinaryPrimitives.WriteInt32BigEndian(header[sizeof(uint)..], bests.Length);
        BinaryPrimitives.WriteUInt32BigEndian(header[(2 * sizeof(uint))..], used);
        WriteBests(block.AsSpan(identity.HasCrc ? 64 : 16), bests);
        StampWriter.Directory(block, in identity, identity.HasCrc ? Magic.DirectoryFreeV5 : Magic.DirectoryFreeV4);
        return block;
    }

    internal static void WriteEntries(Span<byte> target, IEnumerable<DirectoryLeafEntry> entries)
    {
        foreach (DirectoryLeafEntry entry in entries.OrderBy(entry => entry.Hash))
        {
            BinaryPrimitives.WriteUInt32BigEndian(target, entry.Hash);
            BinaryPrimitives.WriteUInt32BigEndian(target[sizeof(uint)..], entry.Address);
            target = target[DirectoryLeafEntry.Size..];
        }
    }

    private static void WriteLeaf(byte[] block, in BlockIdentity identity, IEnumerable<DirectoryLeafEntry> entries)
    {
        DirectoryLeafEntry[] all = entries.ToArray();
        int header = identity.HasCrc ? 56 : 12;
        BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(header), (ushort)all.Length);
        ushort stale = (ushort)all.Count(entry => entry.Address == 0);
        BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(header + sizeof(ushort)), stale);
        WriteEntries(block.AsSpan(identity.HasCrc ? 64 : 16), all);
    }

    private static void WriteBests(Span<byte> target, ReadOnlySpan<ushort> bests)
    {
        for (int index = 0; index < bests.Length; index++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target[(index * sizeof(ushort))..], bests[index]);
        }
    }
}
