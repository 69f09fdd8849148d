// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Output;

/// <summary>What a report says in short, wherever it is told.</summary>
internal static class ReportVerdict
{
    /// <summary>"partition 2: XFS "archive", 320.0 MiB"; no place where it is the whole target.</summary>
    public static string Subject(ReportVolume volume)
    {
        string name = volume.Label.Length > 0 ? $"\"{VisibleText.Of(volume.Label)}\"" : volume.Uuid.ToString();
        string place = volume.Name.Length > 0 ? $"{VisibleText.Of(volume.Name)}: " : "";
        return $"{place}XFS {name}, {ByteText.Of(volume.Length)}";
    }

    public static string Ranges(LocateReport report, bool isImage)
    {
        string kind = isImage ? "lost range" : "bad range";
        string ranges = ByteText.Count(report.Ranges.Count, kind, kind + "s");
        return $"{ranges}{(isImage ? " in the whole image" : "")}, {ByteText.Of(report.Ranges.TotalLength)}";
    }

    public static Styled Files(LocateReport report)
    {
        int files = report.Totals.Files.Count;
        if (files == 0 && report.IsComplete) return new("No file lost content.", Tone.Good);
        if (files == 0) return new("No file is known to have lost content.");

        string count = ByteText.Count(files, "file is", "files are");
        return new($"{count} damaged, {ByteText.Of(report.Totals.BytesLost)} lost.", Tone.Bad);
    }

    public static Styled Metadata(LocateReport report)
    {
        int hits = report.Totals.Metadata.Count;
        if (hits == 0) return new("No metadata is hit.", report.IsComplete ? Tone.Good : Tone.Plain);
        return new($"{ByteText.Count(hits, "piece of metadata is", "pieces of metadata are")} hit.", Tone.Warning);
    }

    /// <summary>What nobody misses, in bytes; only kinds that there are.</summary>
    public static IEnumerable<(long Bytes, string What)> Harmless(LocateReport report)
    {
        ReportTotals totals = report.Totals;
        (long Bytes, string What)[] kinds =
        [
            (totals.FreeBytes, "free space"),
            (totals.UnwrittenBytes, "allocated, never written"),
            (totals.BeyondEofBytes, "past the end of a file"),
            (totals.OtherHarmlessBytes, "in use, but nothing that anybody misses"),
            (report.IsComplete ? totals.UnknownBytes : 0, "owned by nobody"),
            (totals.OutsideBytes, "outside this filesystem"),
        ];
        return kinds.Where(kind => kind.Bytes > 0);
    }

    /// <summary>Null where all owners are known.</summary>
    public static string? Unknown(LocateReport report) => report.IsComplete || report.Totals.UnknownBytes == 0
        ? null
        : $"who owns {ByteText.Of(report.Totals.UnknownBytes)} of the bad ranges: files may be among them";
}
