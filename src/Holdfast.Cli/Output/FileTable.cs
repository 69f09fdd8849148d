// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Output;

/// <summary>The damaged files, the worst first: bytes lost, their share of the file, its paths, which bytes.</summary>
internal static class FileTable
{
    private const int RangesShownMax = 4;
    private const int PathsShownMax = 4;
    private const int ShareWidth = 8;
    private static readonly Styled[] Under = [new string(' ', 12 + 2 + ShareWidth + 2)];

    public static void Write(IPage page, ReportTotals totals)
    {
        if (totals.Files.Count == 0) return;
        page.Heading("Damaged files");
        page.Line(
            [new(ReportText.Right("lost"), Tone.Quiet), "  ", new("of file".PadLeft(ShareWidth), Tone.Quiet), "  "],
            new Styled("path", Tone.Quiet));
        for (int i = 0; i < Math.Min(ReportText.RowsMax, totals.Files.Count); i++) Write(page, totals.Files[i]);
        ReportText.WriteRest(page, totals.Files.Count, "--print lists all");
    }

    private static void Write(IPage page, FileDamage file)
    {
        string share = file.Share is { } known ? ByteText.Percent(known) : "";
        page.Line(
            [new(ReportText.Right(Lost(file)), Tone.Bad), "  ", share.PadLeft(ShareWidth), "  "],
            new Styled(Name(file), Tone.Heading));
        for (int i = 1; i < Math.Min(PathsShownMax, file.Paths.Count); i++)
        {
            page.Line(Under, new("also ", Tone.Quiet), VisibleText.Of(file.Paths[i]));
        }

        if (file.Paths.Count > PathsShownMax)
        {
            page.Line(Under, new Styled($"and {file.Paths.Count - PathsShownMax} more names", Tone.Quiet));
        }

        page.Line(Under, new Styled(Details(file), Tone.Quiet));
    }

    public static string Name(FileDamage file) =>
        file.Paths.Count > 0 ? VisibleText.Of(file.Paths[0]) : $"inode {file.Inode}, no path leads to it";

    /// <summary>What an unreadable inode owned is not always known.</summary>
    public static string Lost(FileDamage file) =>
        file is { InodeLost: true, BytesLost: 0 } ? "all" : ByteText.Of(file.BytesLost);

    /// <summary>Which bytes, and what else there is to say of it.</summary>
    public static string Details(FileDamage file)
    {
        var parts = new List<string>();
        if (file.InodeLost) parts.Add("its inode is lost, and with it the way to its content");
        if (!file.Lost.IsEmpty) parts.Add(Ranges(file.Lost));
        if (file.MappingLost) parts.Add("part of its block map is lost: intact there, but not to be found");
        if (file.Shared) parts.Add("shared with other files");
        if (file.IsDoubtful) parts.Add("a source that guesses says so");
        return string.Join("; ", parts);
    }

    /// <summary>First and last byte, as an editor or dd counts them.</summary>
    private static string Ranges(ByteRangeSet lost)
    {
        var shown = new List<string>();
        for (int i = 0; i < Math.Min(RangesShownMax, lost.Count); i++)
        {
            ByteRange range = lost[i];
            shown.Add(range.Length == 1 ? $"{range.Offset}" : $"{range.Offset}–{range.End - 1}");
        }

        string rest = lost.Count > RangesShownMax ? $" and {lost.Count - RangesShownMax} more ranges" : "";
        return $"bytes {string.Join(", ", shown)}{rest}";
    }
}
