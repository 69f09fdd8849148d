// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Lists;

namespace Holdfast.Cli.Images;

/// <summary>A regular file that lost content, and may be an image. All in bytes of the file.</summary>
/// <param name="Paths">All that are known.</param>
/// <param name="Lost">What cannot be had of it any more: in bad ranges, or without a mapping.</param>
/// <param name="Exact">What of that is named by a source which knows the extent of what it names.</param>
internal sealed record DamagedFile(
    ulong Inode, IReadOnlyList<PathName> Paths, long Size, ByteRangeSet Lost, ByteRangeSet Exact)
{
    /// <summary>No XFS is smaller: its log alone would not fit.</summary>
    private const long SizeMin = 1 << 20;

    private const string Regular = "file";

    /// <summary>For people.</summary>
    public string Name => Paths.Count > 0 ? Paths[0].ToString() : $"inode {Inode}";

    /// <summary>What it lost, as bad ranges of a disk.</summary>
    public BadRanges AsBad => BadRanges.From(
        Lost.Select(range => new ReportedRange(range, Confidence.Low))
            .Concat(Exact.Select(range => new ReportedRange(range, Confidence.Exact))));

    /// <summary>Those of a report that can be looked into, the worst first.</summary>
    /// <param name="exact">
    /// What sources that know the extent of their ranges name, in bytes of the filesystem's data device.
    /// </param>
    public static IEnumerable<DamagedFile> Of(LocateReport report, ByteRangeSet exact)
    {
        ILookup<ulong, Impact>? impacts = null;
        foreach (FileDamage file in report.Totals.Files)
        {
            if (file is not { FileType: Regular, FileSize: >= SizeMin, InodeLost: false }) continue;
            if (file.Lost.IsEmpty) continue;
            impacts ??= report.Impacts.Where(at => at.Inode is not null).ToLookup(at => at.Inode!.Value);
            ByteRangeSet known = ByteRangeSet.From(impacts[file.Inode].SelectMany(at => ExactIn(at, exact)));
            yield return new(
                file.Inode, file.Paths, file.FileSize.Value, file.Lost, known.Intersect(file.Lost));
        }
    }

    private static IEnumerable<ByteRange> ExactIn(Impact impact, ByteRangeSet exact)
    {
        if (impact.LostMappings.Count > 0) return exact.Overlaps(impact.Physical, impact.Length)
            ? impact.LostMappings
            : [];
        if (impact is not { Severity: Severity.FileData, Fork: ForkKind.Data, FileOffset: { } offset }) return [];
        return exact.Within(new(impact.Physical, impact.Length))
            .Select(range => new ByteRange(offset + (range.Offset - impact.Physical), range.Length));
    }
}
