// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.ReverseMap;

namespace Holdfast.Xfs.Impacts;

/// <summary>A bad range cut to one owner's extent.</summary>
/// <param name="Bytes">Bytes of the data device.</param>
/// <param name="Shared">The blocks have other owners too.</param>
internal readonly record struct Piece(OwnedExtent Extent, ByteRange Bytes, bool Shared)
{
    public RmapRecord Record => Extent.Record;

    /// <summary>Byte offset in the fork of the piece's first byte.</summary>
    public long FileOffset(Volume.Geometry geometry) =>
        ((long)Record.Offset.Value << geometry.BlockLog) + (Bytes.Offset - geometry.ByteOf(Extent.Ag, Record.Start));
}
