// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Damage;

/// <summary>Which blocks to damage, and which question to ask.</summary>
internal static class MetadataBlockList
{
    /// <summary>Every block that metadata lies in, the log apart.</summary>
    public static List<long> Of(XfsVolume volume)
    {
        ByteRangeSet space = MetadataSpace.Find(volume, out bool complete);
        Assert.True(complete);
        if (volume.Geometry.LogStart is { } log)
        {
            space = space.Except(ByteRangeSet.From(
                [new ByteRange(volume.Geometry.ByteOf(log),
                    (long)volume.Geometry.LogBlocks << volume.Geometry.BlockLog)]));
        }

        var blocks = new List<long>();
        foreach (ByteRange range in space)
        {
            for (long at = range.Offset; at < range.End; at += volume.Geometry.BlockSize) blocks.Add(at);
        }

        return blocks;
    }

    /// <summary>
    /// The first block of some rows: files, attributes, free space. Only what a sound image answers for completely: a
    /// lost directory block leaves names open, and then nothing that damage opens would be noticed.
    /// </summary>
    public static ByteRangeSet RangesToAsk(XfsVolume volume)
    {
        int size = volume.Geometry.BlockSize;
        var rows = new List<MapRow>();
        new ReverseMap.ReverseMap(volume).ForEachRow(rows.Add);
        IEnumerable<MapRow> content = rows.Where(r => r.Owner == OwnerKind.Inode
            && !r.BlockMap).Where((_, i) => i % 23 == 0);
        IEnumerable<MapRow> free = rows.Where(r => r.Owner == OwnerKind.Free).Take(2);
        return ByteRangeSet.From(content.Concat(free).Select(r => new ByteRange(r.Physical, size)).Where(r =>
            Question.Ask(volume.Data, ByteRangeSet.From([r]), useRmapbt: true) is { IsComplete: true } answer
            && answer.Impacts.All(i => i.LostEntries.Count == 0)));
    }
}
