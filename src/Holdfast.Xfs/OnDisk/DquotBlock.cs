// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// A filesystem block of a quota file, viewed in place: records of consecutive ids. The block itself has no header;
/// each record is verified on its own. Source of the format: xfs_format.h (struct xfs_dqblk).
/// </summary>
public readonly ref struct DquotBlock
{
    private readonly ReadOnlySpan<byte> _block;

    private DquotBlock(ReadOnlySpan<byte> block, uint firstId)
    {
        _block = block;
        FirstId = firstId;
    }

    public uint FirstId { get; }

    public int Count => CountOf(_block.Length);

    public Dquot this[int index] => Dquot.Read(RecordOf(_block, index));

    /// <summary>Records in a block.</summary>
    public static int CountOf(int blockSize) => blockSize / Dquot.Size;

    /// <summary>Verifies every record and views the block. Of the identity, a record knows the UUID alone.</summary>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> block, in BlockIdentity identity, uint firstId, out DquotBlock opened)
    {
        opened = default;
        BlockFault fault = BlockStamp.CheckLength(block);
        if (!fault.IsNone) return fault;
        for (int index = 0; index < CountOf(block.Length); index++)
        {
            fault = Dquot.Check(RecordOf(block, index), in identity, unchecked(firstId + (uint)index));
            if (!fault.IsNone) return BlockFault.Wrong($"dqblk[{index}].{fault.Field}", fault.Wanted, fault.Found);
        }

        opened = new DquotBlock(block, firstId);
        return BlockFault.None;
    }

    /// <summary>Is one record of a block sound? The others may be although the block as a whole is not.</summary>
    public static BlockFault CheckRecord(ReadOnlySpan<byte> block, in BlockIdentity identity, uint firstId,
        int index) =>
        Dquot.Check(RecordOf(block, index), in identity, unchecked(firstId + (uint)index));

    private static ReadOnlySpan<byte> RecordOf(ReadOnlySpan<byte> block, int index) =>
        block.Slice(index * Dquot.Size, Dquot.Size);
}
