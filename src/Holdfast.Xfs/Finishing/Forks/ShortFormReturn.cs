// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Attributes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// After an exchange the second inode's content goes back into the inode, if it fits there: attributes of a single
/// leaf, a directory of a single block, the target of a symlink.
/// </summary>
internal static class ShortFormReturn
{
    public static void Try(FinishContext context, InodeEditor inode, ForkKind fork)
    {
        if (fork == ForkKind.Attribute)
        {
            var attributes = new AttributeFork(context, inode);
            if (attributes.IsLeaf) FormChange.ToInodeIfFits(new AttributeTree(context, attributes), keepFork: false);
        }
        else if (inode.FormatOf(fork) == ForkFormat.Local)
        {
            // It never left.
        }
        else if (inode.Type == FileType.Directory)
        {
            TryDirectory(context, inode);
        }
        else if (inode.Type == FileType.Symlink)
        {
            TrySymlink(context, inode);
        }
    }

    private static void TryDirectory(FinishContext context, InodeEditor inode)
    {
        Geometry geometry = context.Geometry;
        uint blocks = (uint)geometry.DirectoryBlockFsBlocks;
        if (context.Forks.EndOf(inode, ForkKind.Data).Value != blocks) return;
        if (inode.Size != geometry.DirectoryBlockSize)
        {
            inode.Fail(BlockFault.Wrong("di_size", $"{geometry.DirectoryBlockSize}", $"{inode.Size}"));
        }

        byte[] bytes = Read(context, inode, 0, blocks, out FsBlock first);
        BlockIdentity identity = geometry.IdentityOf(
            geometry.AgOf(first), geometry.AgBlockOf(first), inode.Number.Value);
        BlockFault fault = DirectoryDataBlock.TryOpen(
            bytes, in identity, context.Features.FileTypes, out DirectoryDataBlock block);
        if (fault.IsNone && !block.IsSingleBlock) fault = BlockFault.Bad("magic", "no directory of one block");
        if (!fault.IsNone) inode.Fail(fault);
        byte[]? list = ShortFormDirectoryList.Of(
            in block, context.Features.FileTypes, inode.Fork(ForkKind.Data).Length);
        if (list is not null) PutBack(context, inode, list, blocks);
    }

    private static void TrySymlink(FinishContext context, InodeEditor inode)
    {
        int size = (int)Math.Min(inode.Size, int.MaxValue);
        if (size > inode.Fork(ForkKind.Data).Length || size > SymlinkTarget.LengthMax) return;
        Geometry geometry = context.Geometry;
        byte[] target = new byte[size];
        ulong block = 0;
        for (int done = 0; done < size;)
        {
            ForkExtent? next = context.Forks.Lookup(inode, ForkKind.Data, new(block));
            if (next is not { } extent || extent.Offset.Value != block)
            {
                inode.Fail(BlockFault.Bad("br_startoff", $"nothing at block {block} of the target"));
                return;
            }

            // Parts have as many blocks as what is left of the target takes, and no more than their extent.
            int wanted = SymlinkBlock.BlocksOf(size - done, geometry.BlockSize, context.Features.IsV5);
            uint count = Math.Min(extent.Length, (uint)wanted);
            byte[] bytes = Read(context, inode, block, count, out FsBlock first);
            BlockIdentity identity = geometry.IdentityOf(
                geometry.AgOf(first), geometry.AgBlockOf(first), inode.Number.Value);
            BlockFault fault = SymlinkBlock.TryOpen(bytes, in identity, done, size, out SymlinkBlock part);
            if (!fault.IsNone) inode.Fail(fault);
            part.Part.CopyTo(target.AsSpan(done));
            done += part.Part.Length;
            block += count;
        }

        PutBack(context, inode, target, ForkWalk.OffsetEnd);
    }

    private static void PutBack(FinishContext context, InodeEditor inode, byte[] content, ulong blocks)
    {
        context.Forks.UnmapNow(inode, ForkKind.Data, new(0), blocks, extentsMax: 0);
        inode.SetFormat(ForkKind.Data, ForkFormat.Local);
        inode.Size = content.Length;
        Span<byte> area = inode.EditFork(ForkKind.Data);
        area.Clear();
        content.CopyTo(area);
    }

    private static byte[] Read(FinishContext context, InodeEditor inode, ulong from, uint count, out FsBlock first)
    {
        int blockSize = context.Geometry.BlockSize;
        byte[] bytes = new byte[count * blockSize];
        first = FsBlock.Null;
        for (uint i = 0; i < count; i++)
        {
            ForkExtent? found = context.Forks.Lookup(inode, ForkKind.Data, new(from + i));
            if (found is not { } extent || extent.Offset.Value > from + i)
            {
                inode.Fail(BlockFault.Bad("br_startoff", $"nothing at block {from + i}"));
                break;
            }

            FsBlock block = extent.From(from + i).Start;
            if (i == 0) first = block;
            Geometry geometry = context.Geometry;
            BlockFault fault = context.Editor.Volume.ReadBlock(
                geometry.AgOf(block), geometry.AgBlockOf(block), bytes.AsSpan((int)i * blockSize, blockSize));
            if (!fault.IsNone) inode.Fail(fault);
        }

        return bytes;
    }
}
