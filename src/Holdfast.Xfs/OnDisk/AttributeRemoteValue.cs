// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// One block of an attribute value that is too long to lie beside its name, viewed in place. On V4 the block is
/// nothing but a part of the value and cannot be verified.
/// </summary>
public readonly ref struct AttributeRemoteValue
{
    /// <summary>Bytes: the longest value.</summary>
    public const int LengthMax = 65536;

    private AttributeRemoteValue(ReadOnlySpan<byte> part, int offset, InodeNumber owner)
    {
        Part = part;
        Offset = offset;
        Owner = owner;
    }

    /// <summary>This block's part of the value.</summary>
    public ReadOnlySpan<byte> Part { get; }

    /// <summary>Where in the value the part belongs, in bytes.</summary>
    public int Offset { get; }

    /// <summary>The inode, as the block itself says; 0 on V4.</summary>
    public InodeNumber Owner { get; }

    /// <summary>Bytes of a value that one filesystem block holds.</summary>
    public static int SpaceOf(int blockSize, bool hasCrc) => RemoteBlockHeader.SpaceOf(blockSize, hasCrc);

    /// <summary>Filesystem blocks that a value takes, one after another in the attribute fork.</summary>
    public static int BlocksOf(int valueLength, int blockSize, bool hasCrc)
    {
        int space = SpaceOf(blockSize, hasCrc);
        return (int)(((long)valueLength + space - 1) / space);
    }

    /// <summary>
    /// Verifies and views block number <paramref name="index"/> of a value of <paramref name="valueLength"/> bytes.
    /// <paramref name="block"/> is one filesystem block.
    /// </summary>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> block,
        in BlockIdentity identity,
        int index,
        int valueLength,
        out AttributeRemoteValue opened)
    {
        opened = default;
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(valueLength, LengthMax);
        int space = SpaceOf(block.Length, identity.HasCrc);
        long offset = (long)index * space;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, valueLength, nameof(index));
        int length = (int)Math.Min(space, valueLength - offset);
        if (!identity.HasCrc)
        {
            BlockFault cut = BlockStamp.CheckLength(block);
            if (cut.IsNone) opened = new(block[..length], (int)offset, default);
            return cut;
        }

        BlockFault fault = TryOpen(block, in identity, out AttributeRemoteValue view);
        if (!fault.IsNone) return fault;
        fault = new RemoteBlockHeader(view.Offset, view.Part.Length, view.Owner).CheckPart((int)offset, length);
        if (fault.IsNone) opened = view;
        return fault;
    }

    /// <summary>Verifies and views a V5 block of which nothing is known but what it says itself.</summary>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> block, in BlockIdentity identity, out AttributeRemoteValue opened)
    {
        opened = default;
        BlockFault fault = RemoteBlockHeader.TryOpen(
            block, in identity, Magic.AttributeRemoteV5, LengthMax, out RemoteBlockHeader header);
        if (!fault.IsNone) return fault;
        opened = new(RemoteBlockHeader.Content(block, true, header.Length), header.Offset, header.Owner);
        return BlockFault.None;
    }
}
