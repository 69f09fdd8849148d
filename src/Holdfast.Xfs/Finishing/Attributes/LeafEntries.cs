// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>
/// The table of entries of an attribute leaf, and the names and values that they point at. Source of the format:
/// xfs_da_format.h (struct xfs_attr_leaf_entry, xfs_attr_leaf_name_local, xfs_attr_leaf_name_remote).
/// </summary>
internal static class LeafEntries
{
    /// <summary>Bytes: names begin at multiples of it.</summary>
    internal const int Alignment = sizeof(uint);

    internal const int Size = AttributeLeaf.At.EntrySize;

    /// <summary>Bytes that the C compiler once put behind the fields of a remote entry, and that have stayed.</summary>
    private const int RemotePadding = 2;

    internal static int At(int index) => LeafHeader.Size + index * Size;

    internal static uint HashOf(ReadOnlySpan<byte> block, int index) => block.U32(At(index) + AttributeLeaf.At.HashAt);

    internal static int NameAt(ReadOnlySpan<byte> block, int index) =>
        block.U16(At(index) + AttributeLeaf.At.NameIndexAt);

    internal static AttributeBits FlagsOf(ReadOnlySpan<byte> block, int index) =>
        (AttributeBits)block[At(index) + AttributeLeaf.At.FlagsAt];

    internal static bool IsLocal(ReadOnlySpan<byte> block, int index) =>
        (FlagsOf(block, index) & AttributeBits.Local) != 0;

    internal static void Write(Span<byte> block, int index, uint hash, int nameAt, AttributeBits flags)
    {
        Span<byte> entry = block.Slice(At(index), Size);
        entry.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(entry[AttributeLeaf.At.HashAt..], hash);
        BinaryPrimitives.WriteUInt16BigEndian(entry[AttributeLeaf.At.NameIndexAt..], (ushort)nameAt);
        entry[AttributeLeaf.At.FlagsAt] = (byte)flags;
    }

    internal static void SetFlags(Span<byte> block, int index, AttributeBits flags) =>
        block[At(index) + AttributeLeaf.At.FlagsAt] = (byte)flags;

    internal static void SetRemote(Span<byte> block, int index, uint valueBlock, int valueLength)
    {
        Span<byte> item = block[NameAt(block, index)..];
        BinaryPrimitives.WriteUInt32BigEndian(item[AttributeLeaf.At.RemoteBlockAt..], valueBlock);
        BinaryPrimitives.WriteInt32BigEndian(item[AttributeLeaf.At.RemoteValueLengthAt..], valueLength);
    }

    /// <summary>Bytes that the name, and a local value, take.</summary>
    internal static int SpaceOf(ReadOnlySpan<byte> block, int index)
    {
        ReadOnlySpan<byte> item = block[NameAt(block, index)..];
        return IsLocal(block, index)
            ? LocalSpace(item[AttributeLeaf.At.LocalNameLengthAt], item.U16(AttributeLeaf.At.LocalValueLengthAt))
            : RemoteSpace(item[AttributeLeaf.At.RemoteNameLengthAt]);
    }

    /// <summary>The same of an attribute that is not there yet; and whether its value can lie beside it.</summary>
    internal static int SpaceOf(AttributeChange change, int blockSize, out bool isLocal)
    {
        int space = LocalSpace(change.Name.Length, change.Value.Length);
        // Three quarters of a block.
        isLocal = space < (blockSize >> 1) + (blockSize >> 2);
        return isLocal ? space : RemoteSpace(change.Name.Length);
    }

    internal static int SpaceOf(AttributeChange change, int blockSize) => SpaceOf(change, blockSize, out _);

    /// <summary>The hash of the last entry; 0 where there is none.</summary>
    internal static uint LastHash(ReadOnlySpan<byte> block, int count) => count == 0 ? 0 : HashOf(block, count - 1);

    /// <summary>Do all names end within the block, with what rounds them up?</summary>
    internal static BlockFault Check(ReadOnlySpan<byte> block, int count)
    {
        for (int index = 0; index < count; index++)
        {
            int end = NameAt(block, index) + SpaceOf(block, index);
            if (end > block.Length)
            {
                return BlockFault.OutOfBounds($"entries[{index}].nameidx", (ulong)end, (ulong)block.Length);
            }
        }

        return BlockFault.None;
    }

    private static int LocalSpace(int nameLength, int valueLength) =>
        Rounded(AttributeLeaf.At.LocalNameAt + nameLength + valueLength);

    private static int RemoteSpace(int nameLength) =>
        Rounded(AttributeLeaf.At.RemoteNameAt + RemotePadding + nameLength);

    private static int Rounded(int length) => (length + Alignment - 1) / Alignment * Alignment;
}
