// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// Cuts rows to bad ranges, and again where sharing changes: the kernel calls a row shared as soon as one of its blocks
/// is. Which are, the rows say themselves: bytes that lie in two of them.
/// </summary>
internal sealed class SharedCut(ByteRangeSet bad)
{
    /// <param name="rows">All rows that have bytes in a bad range; one may be there for each of them.</param>
    internal IEnumerable<MountedPiece> Cut(List<MapRow> rows)
    {
        MapRow[] distinct = [.. rows.Distinct()];
        ByteRangeSet shared = TwiceOwned(distinct);
        foreach (MapRow row in distinct)
        {
            foreach (ByteRange hit in bad.Within(new(row.Physical, row.Length)))
            {
                if (!IsContent(in row))
                {
                    yield return new(row, hit, false);
                    continue;
                }

                long at = hit.Offset;
                foreach (ByteRange part in shared.Within(hit))
                {
                    if (part.Offset > at) yield return new(row, ByteRange.FromTo(at, part.Offset), false);
                    yield return new(row, part, true);
                    at = part.End;
                }

                if (at < hit.End) yield return new(row, ByteRange.FromTo(at, hit.End), false);
            }
        }
    }

    /// <summary>Only written content of data forks is ever shared.</summary>
    private static bool IsContent(in MapRow row) => row is
        { Owner: OwnerKind.Inode, Fork: ForkKind.Data, BlockMap: false, Unwritten: false };

    private static ByteRangeSet TwiceOwned(MapRow[] rows)
    {
        MapRow[] content = [.. rows.Where(row => IsContent(in row) && row.Shared).OrderBy(row => row.Physical)];
        var twice = new List<ByteRange>();
        long reached = long.MinValue;
        foreach (MapRow row in content)
        {
            if (row.Physical < reached) twice.Add(ByteRange.FromTo(row.Physical, Math.Min(reached, row.End)));
            reached = Math.Max(reached, row.End);
        }

        return ByteRangeSet.From(twice);
    }
}
