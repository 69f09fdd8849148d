// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>Cuts bad ranges to the extents that own them; file content is cut again where sharing changes.</summary>
internal sealed class PieceCutter(XfsVolume volume, ByteRangeSet bad)
{
    private readonly Dictionary<uint, ByteRangeSet> _shared = [];

    public IEnumerable<Piece> Cut(IReadOnlyList<OwnedExtent> extents)
    {
        foreach (OwnedExtent extent in extents)
        {
            ByteRange bytes = BytesOf(extent);
            bool mayBeShared = volume.Features.Reflink && extent.Record is
                { IsInode: true, IsUnwritten: false, IsAttributeFork: false, IsBlockMap: false };
            foreach (ByteRange hit in bad.Within(bytes))
            {
                if (!mayBeShared)
                {
                    yield return new(extent, hit, false);
                    continue;
                }

                ByteRangeSet shared = SharedIn(extent.Ag);
                long at = hit.Offset;
                foreach (ByteRange part in shared.Within(hit))
                {
                    if (part.Offset > at) yield return new(extent, ByteRange.FromTo(at, part.Offset), false);
                    yield return new(extent, part, true);
                    at = part.End;
                }

                if (at < hit.End) yield return new(extent, ByteRange.FromTo(at, hit.End), false);
            }
        }
    }

    public ByteRange BytesOf(OwnedExtent extent) => new(
        volume.Geometry.ByteOf(extent.Ag, extent.Record.Start), (long)extent.Record.Length << volume.Geometry.BlockLog);

    private ByteRangeSet SharedIn(uint ag)
    {
        if (_shared.TryGetValue(ag, out ByteRangeSet? known)) return known;
        var shared = new List<ByteRange>();
        SharedSpace.TryRead(volume, volume.Group(ag), bad, shared, null);
        return _shared[ag] = ByteRangeSet.From(shared);
    }
}
