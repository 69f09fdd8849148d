// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>Where a directory's ".." leads: in the inode for short forms, else in its first block.</summary>
internal static class DirectoryParent
{
    /// <returns>0 where it cannot be read.</returns>
    public static ulong Of(XfsVolume volume, in Inode inode)
    {
        Geometry geometry = volume.Geometry;
        if (inode.DataFormat == ForkFormat.Local)
        {
            return DirectoryShortForm.TryOpen(inode.DataFork[..(int)inode.Size], volume.Features.FileTypes,
                out DirectoryShortForm form).IsNone
                ? form.Parent.Value
                : 0;
        }

        ExtentList map = ExtentList.Read(volume.WithOwnFaults(), in inode, ForkKind.Data, 0,
            (ulong)geometry.DirectoryBlockFsBlocks);
        byte[] block = new byte[geometry.DirectoryBlockSize];
        for (int i = 0; i < geometry.DirectoryBlockFsBlocks; i++)
        {
            if (map.BlockOf((ulong)i) is not { } piece) return 0;
            ReadFault read = volume.Data.Read(geometry.ByteOf(piece),
                block.AsSpan(i << geometry.BlockLog, geometry.BlockSize));
            if (!read.IsNone) return 0;
        }

        FsBlock first = map.BlockOf(0)!.Value;
        BlockIdentity identity = geometry.IdentityOf(geometry.AgOf(first), geometry.AgBlockOf(first),
            inode.Number.Value);
        if (!DirectoryDataBlock.TryOpen(block, in identity, volume.Features.FileTypes,
            out DirectoryDataBlock data).IsNone)
        {
            return 0;
        }
        foreach (DirectoryEntry entry in data) if (entry.IsDotDot) return entry.Inode.Value;
        return 0;
    }
}
