// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Inspection;

/// <summary>
/// Decodes whatever lies at a byte of the data device by its magic number, and checks it as far as it can be checked
/// without knowing who owns it.
/// </summary>
public static class BlockDecoder
{
    /// <param name="offset">Byte on the data device, within the filesystem.</param>
    public static DecodedBlock Decode(XfsVolume volume, long offset)
    {
        (uint ag, AgBlock block) = volume.Geometry.BlockAt(offset);
        long headersEnd = AgHeaderReader.ByteOfSector(volume.Geometry, ag, AgHeaderReader.Sectors);
        if (offset < headersEnd) return HeaderDecoder.Decode(volume, ag, offset);

        var bytes = new ByteRange(volume.Geometry.ByteOf(ag, block), volume.Geometry.BlockSize);
        byte[] content = new byte[bytes.Length];
        ReadFault read = volume.Data.Read(bytes.Offset, content);
        if (!read.IsNone) return new(bytes, "unreadable", BlockFault.Unreadable(read), [], []);
        return BtreeDecoder.TryDecode(volume, ag, block, bytes, content)
            ?? InodeBlockDecoder.TryDecode(volume, bytes, content)
            ?? ForkBlockDecoder.TryDecode(volume, ag, block, bytes, content)
            ?? new(bytes, DecodedBlock.NoStructure, BlockFault.None, [], []);
    }
}
