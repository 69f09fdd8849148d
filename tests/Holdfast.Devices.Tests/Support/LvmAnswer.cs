// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Devices.Tests.Support;

/// <summary>A segment by <c>lvs --segments</c>; all in bytes, stripes as (device, extent).</summary>
internal sealed record LvmSegmentAnswer(
    string Volume, string Uuid, string Type, long Start, long Length, long StripeSize,
    (string Device, long Extent)[] Stripes);

/// <summary>What LVM's own tools said of a bundled group.</summary>
internal sealed class LvmAnswer
{
    internal LvmAnswer(DiskFolder folder, string name)
    {
        foreach (string[] line in folder.Lines(name).Select(l => l.Split('|')))
        {
            switch (line[0])
            {
                case "pv":
                    PhysicalVolumes.Add(line[1], (line[2], Number(line[3])));
                    break;
                case "vg":
                    (Group, GroupUuid, ExtentSize) = (line[1], line[2], Number(line[3]));
                    break;
                case "lv":
                    Segments.Add(new(
                        line[2].Trim('[', ']'), line[3], line[4], Number(line[5]), Number(line[6]), Number(line[8]),
                        [.. line[9].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Stripe)]));
                    break;
            }
        }
    }

    internal Dictionary<string, (string Uuid, long Start)> PhysicalVolumes { get; } = [];

    internal string Group { get; } = string.Empty;

    internal string GroupUuid { get; } = string.Empty;

    internal long ExtentSize { get; }

    internal List<LvmSegmentAnswer> Segments { get; } = [];

    /// <summary>Where a byte of a segment lies, worked out one byte at a time from what LVM said.</summary>
    internal (string Device, long Offset) Locate(LvmSegmentAnswer segment, long offsetInSegment)
    {
        long size = segment.StripeSize == 0 ? segment.Length : segment.StripeSize;
        long chunk = offsetInSegment / size;
        (string device, long extent) = segment.Stripes[chunk % segment.Stripes.Length];
        long row = chunk / segment.Stripes.Length;
        long stripeStart = PhysicalVolumes[device].Start + (extent * ExtentSize);
        return (device, stripeStart + (row * size) + (offsetInSegment % size));
    }

    private static (string Device, long Extent) Stripe(string text)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        return (text[..open], Number(text[(open + 1)..^1]));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
