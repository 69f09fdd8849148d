// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Sources;

/// <summary>
/// A volume that lies in pieces on other sources: a partition, a logical volume, the data area of a RAID1 member. Knows
/// the way in both directions, through every layer below it. Borrows its sources: disposing it disposes nothing.
/// </summary>
public sealed class MappedBlockSource : IBlockSource
{
    /// <summary>The most pieces that one translation cuts ranges into; 16 bytes each.</summary>
    public const int PiecesMax = 1 << 22;

    private readonly MappedSegment[] _segments;
    private readonly long[] _ends;
    private readonly IBlockSource[] _parents;

    /// <summary>The segments follow one another from byte 0 without gaps.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public MappedBlockSource(string name, IEnumerable<MappedSegment> segments)
    {
        Name = name;
        _segments = [.. segments];
        _ends = [.. _segments.Select(s => s.End)];
        _parents = [.. _segments.SelectMany(s => s.Stripes).Select(s => s.Source).Distinct()];
        if (_segments.Length == 0) throw new ArgumentException("a volume has at least one segment", nameof(segments));
        for (int i = 0; i < _segments.Length; i++)
        {
            if (_segments[i].Start == (i == 0 ? 0 : _ends[i - 1])) continue;
            throw new ArgumentException($"segment {i} begins at byte {_segments[i].Start}", nameof(segments));
        }

        Length = _ends[^1];
        SectorSize = _parents.Max(p => p.SectorSize);
    }

    public string Name { get; }

    public long Length { get; }

    public int SectorSize { get; }

    /// <summary>
    /// Bytes of the volume that nothing may rest on although they can be read, because a layer says so itself: what a
    /// RAID member's own list calls bad, or what was never rebuilt.
    /// </summary>
    public ByteRangeSet Distrusted { get; init; } = ByteRangeSet.Empty;

    /// <summary>The sources that this volume lies on directly, each once.</summary>
    public IReadOnlyList<IBlockSource> Parents => _parents;

    public IReadOnlyList<MappedSegment> Segments => _segments;

    public ReadFault Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length) return ReadFault.AtEnd(offset, Length);
        ReadFault distrust = CheckTrust(offset, buffer.Length);
        if (!distrust.IsNone) return distrust;
        while (!buffer.IsEmpty)
        {
            (Stripe at, long together) = SegmentAt(offset).ChunkAt(offset);
            int length = (int)Math.Min(together, buffer.Length);
            ReadFault fault = at.Source.Read(at.Offset, buffer[..length]);
            if (!fault.IsNone)
            {
                // A layer below may have met the fault before the first byte that was asked for.
                long into = Math.Clamp(fault.Offset - at.Offset, 0, length - 1);
                return fault with { Offset = offset + into };
            }

            offset += length;
            buffer = buffer[length..];
        }

        return ReadFault.None;
    }

    public bool Prefetch(long offset, long length)
    {
        if (offset < 0 || length > Length - offset || Distrusted.Overlaps(offset, length)) return false;
        bool passedOn = false;
        while (length > 0)
        {
            (Stripe at, long together) = SegmentAt(offset).ChunkAt(offset);
            long part = Math.Min(together, length);
            passedOn |= at.Source.Prefetch(at.Offset, part);
            offset += part;
            length -= part;
        }

        return passedOn;
    }

    public void Dispose()
    {
    }

    /// <summary>
    /// Where bytes of the volume lie on the devices at the bottom, in the volume's order. Clipped first.
    /// </summary>
    public IEnumerable<DeviceRange> ToDevices(ByteRange range)
    {
        ByteRange clipped = range.Intersect(new(0, Length));
        for (long at = clipped.Offset; at < clipped.End;)
        {
            (Stripe stripe, long together) = SegmentAt(at).ChunkAt(at);
            long length = Math.Min(together, clipped.End - at);
            var below = new ByteRange(stripe.Offset, length);
            if (stripe.Source is MappedBlockSource mapped)
            {
                // As deep as volumes are nested, which those who build them bound.
                foreach (DeviceRange further in mapped.ToDevices(below)) yield return further;
            }
            else
            {
                yield return new(stripe.Source, below);
            }

            at += length;
        }
    }

    /// <summary>Ranges of a device at the bottom, clipped to this volume and translated into it.</summary>
    public TranslatedRanges FromDevice(IBlockSource device, ByteRangeSet ranges)
    {
        var leftOut = new List<ByteRange>();
        ByteRangeSet inside = Translate(device, ranges, leftOut);
        ByteRangeSet untranslated = ByteRangeSet.From(leftOut);
        ByteRangeSet reached = OnDevice(device, inside);
        ByteRangeSet outside = RangeMerge.Except(RangeMerge.Except(ranges, reached), untranslated);
        return new(inside, outside, untranslated);
    }

    /// <summary>Bytes of one device that these bytes of the volume lie on.</summary>
    public ByteRangeSet OnDevice(IBlockSource device, ByteRangeSet volumeRanges)
    {
        var found = new List<ByteRange>();
        foreach (IBlockSource parent in _parents)
        {
            if (!ReferenceEquals(parent, device) && parent is not MappedBlockSource) continue;
            ByteRangeSet onParent = OnParent(parent, volumeRanges);
            found.AddRange(parent is MappedBlockSource mapped ? mapped.OnDevice(device, onParent) : onParent);
        }

        return ByteRangeSet.From(found);
    }

    private ByteRangeSet OnParent(IBlockSource parent, ByteRangeSet volumeRanges)
    {
        var found = new List<ByteRange>();
        foreach (MappedSegment segment in _segments)
        {
            var window = new ByteRange(segment.Start, segment.Length);
            for (int i = volumeRanges.FirstEndingAfter(window.Offset); i < volumeRanges.Count; i++)
            {
                ByteRange part = volumeRanges[i].Intersect(window);
                if (part.IsEmpty) break;
                segment.ToSource(parent, part, found);
            }
        }

        return ByteRangeSet.From(found);
    }

    private ByteRangeSet Translate(IBlockSource device, ByteRangeSet ranges, List<ByteRange> leftOut)
    {
        var pieces = new List<ByteRange>();
        foreach (IBlockSource parent in _parents)
        {
            ByteRangeSet onParent;
            if (ReferenceEquals(parent, device)) onParent = ranges;
            else if (parent is MappedBlockSource mapped) onParent = mapped.Translate(device, ranges, leftOut);
            else continue;
            CutFrom(parent, device, onParent, pieces, leftOut);
        }

        return ByteRangeSet.From(pieces);
    }

    /// <summary>One layer: ranges of a parent into pieces of this volume.</summary>
    private void CutFrom(
        IBlockSource parent, IBlockSource device, ByteRangeSet onParent,
        List<ByteRange> pieces, List<ByteRange> leftOut)
    {
        if (onParent.IsEmpty) return;
        foreach (MappedSegment segment in _segments)
        {
            for (int stripe = 0; stripe < segment.Stripes.Count; stripe++)
            {
                if (!ReferenceEquals(segment.Stripes[stripe].Source, parent)) continue;
                ByteRange window = segment.WindowOf(stripe);
                for (int i = onParent.FirstEndingAfter(window.Offset); i < onParent.Count; i++)
                {
                    ByteRange part = onParent[i].Intersect(window);
                    if (part.IsEmpty) break;
                    long reached = segment.ToVolume(stripe, part, pieces, PiecesMax);
                    if (reached == part.End) continue;
                    // The rest of the window at once: a bound that is listed range by range would be none.
                    var rest = ByteRange.FromTo(reached, window.End);
                    leftOut.AddRange(Remainder(parent, device, onParent, rest));
                    break;
                }
            }
        }
    }

    private static ByteRangeSet Remainder(
        IBlockSource parent, IBlockSource device, ByteRangeSet onParent, ByteRange rest)
    {
        var remaining = ByteRangeSet.From(onParent.Within(rest));
        return parent is MappedBlockSource mapped ? mapped.OnDevice(device, remaining) : remaining;
    }

    private MappedSegment SegmentAt(long offset)
    {
        int index = _segments.Length == 1 ? 0 : Array.BinarySearch(_ends, offset);
        // An offset that is an end belongs to the segment after it.
        return _segments[index < 0 ? ~index : _segments.Length == 1 ? 0 : index + 1];
    }

    private ReadFault CheckTrust(long offset, int length)
    {
        if (Distrusted.IsEmpty) return ReadFault.None;
        int first = Distrusted.FirstEndingAfter(offset);
        return first < Distrusted.Count && Distrusted[first].Offset < offset + length
            ? new(ReadFaultKind.KnownBad, Math.Max(offset, Distrusted[first].Offset), 0)
            : ReadFault.None;
    }
}
