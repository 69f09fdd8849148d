// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>
/// Attributes that lie in the inode, put in and taken out. Source of the format: xfs_da_format.h (struct
/// xfs_attr_sf_hdr, xfs_attr_sf_entry).
/// </summary>
internal static class ShortFormEditor
{
    /// <summary>Bytes that a name, or a value, must stay below: one less than their fields could tell.</summary>
    internal const int LengthEnd = 255;

    internal const int EmptySize = AttributeShortForm.At.HeaderSize;

    /// <summary>The list without any attribute.</summary>
    internal static byte[] Empty
    {
        get
        {
            byte[] list = new byte[EmptySize];
            WriteHeader(list, 0);
            return list;
        }
    }

    /// <summary>Bytes of the entry for a name and a value.</summary>
    internal static int SizeOf(int nameLength, int valueLength) =>
        AttributeShortForm.At.NameAt + nameLength + valueLength;

    /// <summary>Where the entry is; negative where there is none.</summary>
    internal static int Find(ReadOnlySpan<byte> list, AttributeChange change)
    {
        int at = EmptySize;
        for (int index = 0; index < list[AttributeShortForm.At.CountAt]; index++)
        {
            AttributeEntry entry = EntryAt(list, at);
            if (change.Matches(in entry)) return at;
            at += SizeOf(entry.Name.Length, entry.ValueLength);
        }

        return -1;
    }

    internal static byte[] Without(ReadOnlySpan<byte> list, int at)
    {
        AttributeEntry entry = EntryAt(list, at);
        int end = at + SizeOf(entry.Name.Length, entry.ValueLength);
        byte[] shorter = [.. list[..at], .. list[end..]];
        WriteHeader(shorter, list[AttributeShortForm.At.CountAt] - 1);
        return shorter;
    }

    /// <summary>Behind all others.</summary>
    internal static byte[] With(
        ReadOnlySpan<byte> list, AttributeBits space, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        byte[] longer =
        [
            .. list, (byte)name.Length, (byte)value.Length, (byte)space, .. name, .. value,
        ];
        WriteHeader(longer, list[AttributeShortForm.At.CountAt] + 1);
        return longer;
    }

    private static AttributeEntry EntryAt(ReadOnlySpan<byte> list, int at)
    {
        ReadOnlySpan<byte> entry = list[at..];
        ReadOnlySpan<byte> name = entry.Slice(
            AttributeShortForm.At.NameAt, entry[AttributeShortForm.At.NameLengthAt]);
        ReadOnlySpan<byte> value = entry.Slice(
            AttributeShortForm.At.NameAt + name.Length, entry[AttributeShortForm.At.ValueLengthAt]);
        return new((AttributeBits)entry[AttributeShortForm.At.FlagsAt], name, value);
    }

    private static void WriteHeader(Span<byte> list, int count)
    {
        BinaryPrimitives.WriteUInt16BigEndian(list[AttributeShortForm.At.TotalSizeAt..], (ushort)list.Length);
        list[AttributeShortForm.At.CountAt] = (byte)count;
    }
}
