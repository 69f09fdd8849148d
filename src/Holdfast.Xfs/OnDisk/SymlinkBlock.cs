// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// A part of a symlink's target that is too long for the inode, viewed in place: one extent of the data fork, which
/// is one buffer with one header although it may be several filesystem blocks long. On V4 it is nothing but a part
/// of the target and cannot be verified.
/// </summary>
public readonly ref struct SymlinkBlock
{
    private SymlinkBlock(ReadOnlySpan<byte> part, int offset, InodeNumber owner)
    {
        Part = part;
        Offset = offset;
        Owner = owner;
    }

    /// <summary>This extent's part of the target.</summary>
    public ReadOnlySpan<byte> Part { get; }

    /// <summary>Where in the target the part belongs, in bytes.</summary>
    public int Offset { get; }

    /// <summary>The symlink's inode, as the block itself says; 0 on V4.</summary>
    public InodeNumber Owner { get; }

    /// <summary>Filesystem blocks that a target takes.</summary>
    public static int BlocksOf(int targetLength, int blockSize, bool hasCrc)
    {
        int space = RemoteBlockHeader.SpaceOf(blockSize, hasCrc);
        return (int)(((long)targetLength + space - 1) / space);
    }

    /// <summary>
    /// Verifies and views an extent of a symlink whose target has <paramref name="targetLength"/> bytes (the inode's
    /// size), <paramref name="offset"/> of which lie in the extents before it.
    /// </summary>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> extent, scoped in BlockIdentity identity, int offset, int targetLength,
        out SymlinkBlock opened)
    {
        opened = default;
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(targetLength, SymlinkTarget.LengthMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, targetLength);
        int length = Math.Min(RemoteBlockHeader.SpaceOf(extent.Length, identity.HasCrc), targetLength - offset);
        if (!identity.HasCrc)
        {
            BlockFault cut = BlockStamp.CheckLength(extent);
            if (cut.IsNone) opened = new(extent[..length], offset, default);
            return cut;
        }

        BlockFault fault = TryOpen(extent, in identity, out SymlinkBlock view);
        if (!fault.IsNone) return fault;
        fault = new RemoteBlockHeader(view.Offset, view.Part.Length, view.Owner).CheckPart(offset, length);
        if (fault.IsNone) opened = view;
        return fault;
    }

    /// <summary>Verifies and views a V5 extent of which nothing is known but what it says itself.</summary>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> extent, scoped in BlockIdentity identity, out SymlinkBlock opened)
    {
        opened = default;
        BlockFault fault = RemoteBlockHeader.TryOpen(
            extent, in identity, Magic.SymlinkV5, SymlinkTarget.LengthMax, out RemoteBlockHeader header);
        if (!fault.IsNone) return fault;
        opened = new(RemoteBlockHeader.Content(extent, true, header.Length), header.Offset, header.Owner);
        return BlockFault.None;
    }
}
