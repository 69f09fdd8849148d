// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Layouts;

/// <summary>Turns a logical volume's segments into a source that reads through its physical volumes.</summary>
internal sealed class LvmMapping(LvmVolumeGroup group, Func<LvmPhysicalVolume, IBlockSource> sourceOf)
{
    /// <summary>The volume, or null and why not.</summary>
    internal MappedBlockSource? TryMap(LvmLogicalVolume volume, string name, out string problem)
    {
        var segments = new List<MappedSegment>();
        long nextExtent = 0;
        foreach (LvmSegment segment in volume.Segments)
        {
            problem = segment.StartExtent != nextExtent
                ? $"its segments leave a gap or overlap at extent {nextExtent}"
                : Add(segment, segments);
            if (problem.Length > 0) return null;
            nextExtent += segment.ExtentCount;
        }

        problem = string.Empty;
        return new(name, segments);
    }

    private string Add(LvmSegment segment, List<MappedSegment> segments)
    {
        Int128 start = (Int128)segment.StartExtent * group.ExtentSize;
        Int128 length = (Int128)segment.ExtentCount * group.ExtentSize;
        if (start + length > MappedSegment.LengthMax) return "it is larger than a device can be";
        int count = segment.Stripes.Count;
        if (!MappedSegment.DividesIntoRows((long)length, segment.StripeSize, count))
        {
            return $"{length} bytes are no whole rows of {count} stripes";
        }

        var stripes = new List<Stripe>();
        foreach (LvmStripe stripe in segment.Stripes)
        {
            if (!group.PhysicalVolumes.TryGetValue(stripe.Key, out LvmPhysicalVolume? volume))
            {
                return $"it lies on {Printable.Of(stripe.Key)}, which is no physical volume of the group";
            }

            Int128 end = (Int128)stripe.StartExtent + (segment.ExtentCount / count);
            if (end > volume.ExtentCount) return $"it reaches past the last extent of {Printable.Of(stripe.Key)}";
            Int128 offset = volume.Start + ((Int128)stripe.StartExtent * group.ExtentSize);
            if (offset + length > MappedSegment.LengthMax) return "it lies farther out than a device can reach";
            stripes.Add(new(sourceOf(volume), (long)offset));
        }

        segments.Add(new((long)start, (long)length, Math.Max(1, segment.StripeSize), stripes));
        return string.Empty;
    }
}
