// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Testing;

/// <summary>An attribute for a writer; without a value it is a remote one. The local bit is the writer's.</summary>
public sealed record WrittenAttribute(
    AttributeBits Flags, string Name, byte[]? Value, uint RemoteBlock = 0, int RemoteLength = 0);

/// <summary>Writes attribute leaves of both versions, and short forms.</summary>
public static class AttributeWriter
{
    private const int EntrySize = 8;

    public static byte[] WriteLeaf(
        in BlockIdentity identity, int blockSize, params ReadOnlySpan<WrittenAttribute> attributes)
    {
        byte[] block = new byte[blockSize];
        int info = identity.HasCrc ? 56 : 12;
        int entriesAt = identity.HasCrc ? 80 : 32;
        int firstUsed = blockSize;
        WrittenAttribute[] sorted = [.. attributes.ToArray().OrderBy(HashOf)];
        for (int index = 0; index < sorted.Length; index++)
        {
            WrittenAttribute attribute = sorted[index];
            byte[] item = ItemOf(attribute);
            firstUsed = (firstUsed - item.Length) & ~3;
            item.CopyTo(block.AsSpan(firstUsed));
            Span<byte> entry = block.AsSpan(entriesAt + index * EntrySize, EntrySize);
            BinaryPrimitives.WriteUInt32BigEndian(entry, HashOf(attribute));
            BinaryPrimitives.WriteUInt16BigEndian(entry[4..], (ushort)firstUsed);
            entry[6] = (byte)(attribute.Flags | (attribute.Value is null ? 0 : AttributeBits.Local));
        }

        BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(info), (ushort)sorted.Length);
        // Cut to 0 where it is the end of a 64 KiB block, as in the format.
        BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(info + 4), unchecked((ushort)firstUsed));
        StampWriter.Da(block, in identity, identity.HasCrc ? Magic.AttributeLeafV5 : Magic.AttributeLeafV4);
        return block;
    }

    public static byte[] WriteShortForm(params ReadOnlySpan<WrittenAttribute> attributes)
    {
        var fork = new List<byte> { 0, 0, (byte)attributes.Length, 0 };
        foreach (WrittenAttribute attribute in attributes)
        {
            byte[] name = Encoding.UTF8.GetBytes(attribute.Name);
            byte[] value = attribute.Value!;
            fork.AddRange([(byte)name.Length, (byte)value.Length, (byte)attribute.Flags, .. name, .. value]);
        }

        fork[0] = (byte)(fork.Count >> 8);
        fork[1] = (byte)fork.Count;
        return [.. fork];
    }

    private static byte[] ItemOf(WrittenAttribute attribute)
    {
        byte[] name = Encoding.UTF8.GetBytes(attribute.Name);
        if (attribute.Value is { } value)
        {
            return [(byte)(value.Length >> 8), (byte)value.Length, (byte)name.Length, .. name, .. value];
        }

        byte[] head = new byte[9];
        BinaryPrimitives.WriteUInt32BigEndian(head, attribute.RemoteBlock);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), attribute.RemoteLength);
        head[8] = (byte)name.Length;
        return [.. head, .. name];
    }

    private static uint HashOf(WrittenAttribute attribute) => DirectoryName.Hash(Encoding.UTF8.GetBytes(
        attribute.Name));
}
