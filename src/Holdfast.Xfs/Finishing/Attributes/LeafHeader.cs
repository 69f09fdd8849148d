// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>A run of free bytes that a leaf's header knows of.</summary>
internal record struct LeafFreeRun(int Base, int Size)
{
    public readonly int End => Base + Size;
}

/// <summary>
/// The header of an attribute leaf while the leaf is changed: read once, written back when all is done. V5 only: no
/// intent speaks of another. Source of the format: xfs_da_format.h (struct xfs_attr3_leaf_hdr).
/// </summary>
internal sealed class LeafHeader
{
    public const int Size = InfoSize + ContentSize;

    private const int InfoSize = DaBlockInfo.SizeV5;
    private const int ContentSize = AttributeLeaf.At.FreeMapAt
        + RunsMax * (sizeof(ushort) + sizeof(ushort)) + sizeof(uint); // padded to eight bytes

    private const int RunsMax = 3;

    /// <summary>
    /// Not all that is free: three runs are known at most. In the order of the header; unused ones are empty.
    /// </summary>
    public LeafFreeRun[] Free { get; private init; } = new LeafFreeRun[RunsMax];

    public uint Forward { get; set; }

    public uint Back { get; set; }

    public int Count { get; set; }

    /// <summary>Bytes of names and values.</summary>
    public int UsedBytes { get; set; }

    /// <summary>Where the lowest name begins; the block's size where there is none.</summary>
    public int FirstUsed { get; set; }

    /// <summary>There is free space among the names that no run tells of: packing them would gain some.</summary>
    public bool HasHoles { get; set; }

    /// <summary>Where the table of entries ends.</summary>
    public int EntriesEnd => EndOf(Count);

    public static int EndOf(int entries) => Size + entries * AttributeLeaf.At.EntrySize;

    public LeafHeader Copy()
    {
        return new()
        {
            Forward = Forward,
            Back = Back,
            Count = Count,
            UsedBytes = UsedBytes,
            FirstUsed = FirstUsed,
            HasHoles = HasHoles,
            Free = [.. Free],
        };
    }

    /// <summary>From a block that has been verified.</summary>
    public static LeafHeader Of(ReadOnlySpan<byte> block)
    {
        int firstUsed = block.U16(InfoSize + AttributeLeaf.At.FirstUsedAt);
        var header = new LeafHeader
        {
            Forward = block.U32(DaBlockInfo.ForwardAt),
            Back = block.U32(DaBlockInfo.BackAt),
            Count = block.U16(InfoSize + AttributeLeaf.At.CountAt),
            UsedBytes = block.U16(InfoSize + AttributeLeaf.At.UsedBytesAt),
            // The end of a 64 KiB block does not fit into the field.
            FirstUsed = firstUsed == 0 ? block.Length : firstUsed,
            HasHoles = block[InfoSize + AttributeLeaf.At.HolesAt] != 0,
        };
        for (int run = 0; run < RunsMax; run++)
        {
            int at = RunAt(run);
            header.Free[run] = new(block.U16(at), block.U16(at + sizeof(ushort)));
        }

        return header;
    }

    /// <summary>Of a leaf in which there is nothing yet.</summary>
    public static LeafHeader Empty(int blockSize)
    {
        var header = new LeafHeader { FirstUsed = blockSize };
        header.Free[0] = new(Size, blockSize - Size);
        return header;
    }

    public void Write(Span<byte> block)
    {
        BinaryPrimitives.WriteUInt32BigEndian(block[DaBlockInfo.ForwardAt..], Forward);
        BinaryPrimitives.WriteUInt32BigEndian(block[DaBlockInfo.BackAt..], Back);
        Put(block, InfoSize + AttributeLeaf.At.CountAt, Count);
        Put(block, InfoSize + AttributeLeaf.At.UsedBytesAt, UsedBytes);
        Put(block, InfoSize + AttributeLeaf.At.FirstUsedAt, FirstUsed == BlockStamp.BlockSizeMax ? 0 : FirstUsed);
        block[InfoSize + AttributeLeaf.At.HolesAt] = HasHoles ? (byte)1 : (byte)0;
        for (int run = 0; run < RunsMax; run++)
        {
            Put(block, RunAt(run), Free[run].Base);
            Put(block, RunAt(run) + sizeof(ushort), Free[run].Size);
        }
    }

    /// <summary>A field that says more than the block can hold, and which no reader looks at.</summary>
    public BlockFault Check(int blockSize)
    {
        for (int run = 0; run < RunsMax; run++)
        {
            LeafFreeRun free = Free[run];
            if (free.End > blockSize || (free.Base | free.Size) % LeafEntries.Alignment != 0)
            {
                return BlockFault.Bad($"freemap[{run}]", $"{free.Base}+{free.Size}");
            }
        }

        return BlockFault.None;
    }

    private static int RunAt(int run) =>
        InfoSize + AttributeLeaf.At.FreeMapAt + run * (sizeof(ushort) + sizeof(ushort));

    private static void Put(Span<byte> block, int at, int value) =>
        BinaryPrimitives.WriteUInt16BigEndian(block[at..], (ushort)value);
}
