// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Output;

/// <summary>
/// Who uses what was lost, those first that have lost bytes in their memory: a process, and for each of its files where
/// the bytes are and how it has the file open.
/// </summary>
internal static class ProcessTable
{
    private const int PidWidth = 8;
    private const int FilesShownMax = 4;
    private const int PlacesShownMax = 3;
    private static readonly Styled[] Under = [new string(' ', 12 + 2 + PidWidth + 2)];

    public static void Write(IPage page, IReadOnlyList<Impact> impacts)
    {
        var processes = impacts
            .SelectMany(impact => impact.Processes.Select(use => (Use: use, Impact: impact)))
            .GroupBy(at => at.Use.ProcessId)
            .Select(group => (Group: group.ToList(), Mapped: group.Sum(at => at.Use.Mapped.Sum(part => part.Length))))
            .OrderByDescending(at => at.Mapped).ThenBy(at => at.Group[0].Use.ProcessId).ToList();
        if (processes.Count == 0) return;
        page.Heading("Processes");
        page.Line(
            [
                new(ReportText.Right("in memory"), Tone.Quiet), "  ", new("pid".PadLeft(PidWidth), Tone.Quiet), "  ",
            ],
            new Styled("name", Tone.Quiet));
        foreach ((List<(ProcessUse Use, Impact Impact)> group, long mapped) in processes.Take(ReportText.RowsMax))
        {
            Write(page, group, mapped);
        }

        ReportText.WriteRest(page, processes.Count, "--json lists all");
    }

    private static void Write(IPage page, List<(ProcessUse Use, Impact Impact)> group, long mapped)
    {
        ProcessUse process = group[0].Use;
        string place = process.Unit ?? (process.Container is { } id ? $"container {id[..12]}" : "");
        page.Line(
            [
                mapped > 0 ? new Styled(ReportText.Right(ByteText.Of(mapped)), Tone.Bad) : ReportText.Right("–"), "  ",
                process.ProcessId.ToString(CultureInfo.InvariantCulture).PadLeft(PidWidth), "  ",
            ],
            new(TerminalText.Of(process.Name), Tone.Heading),
            new(place.Length > 0 ? $"  {TerminalText.Of(place)}" : "", Tone.Quiet));
        var files = group.GroupBy(at => at.Impact.Inode).ToList();
        foreach (IGrouping<ulong?, (ProcessUse Use, Impact Impact)> file in files.Take(FilesShownMax))
        {
            page.Line(Under, NameOf(file.First().Impact), new($": {Use([.. file.Select(at => at.Use)])}", Tone.Quiet));
        }

        if (files.Count > FilesShownMax)
        {
            page.Line(Under, new Styled($"and {files.Count - FilesShownMax} more files", Tone.Quiet));
        }
    }

    private static string NameOf(Impact impact) =>
        impact.Paths.Count > 0 ? TerminalText.Of(impact.Paths[0]) : $"inode {impact.Inode}";

    private static string Use(IReadOnlyList<ProcessUse> uses)
    {
        var parts = new List<string>();
        MappedBytes[] mapped = [.. uses.SelectMany(use => use.Mapped)];
        foreach (MappedBytes at in mapped.Take(PlacesShownMax))
        {
            string copy = at.IsOwnCopy ? " (a copy of its own)" : "";
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"mapped at 0x{at.Address:x}{copy}"));
        }

        if (mapped.Length > PlacesShownMax) parts.Add($"and at {mapped.Length - PlacesShownMax} more places");
        OpenDescriptor[] open = [.. uses.SelectMany(use => use.Descriptors).DistinctBy(at => at.Number)];
        foreach (OpenDescriptor at in open.Take(PlacesShownMax))
        {
            string purpose = at.Writes ? at.Reads ? "reading and writing" : "writing" : "reading";
            parts.Add($"open as {at.Number} for {purpose}");
        }

        if (open.Length > PlacesShownMax) parts.Add($"and {open.Length - PlacesShownMax} times more");
        if (uses.Any(use => !use.IsCertain)) parts.Add("through an overlay, and perhaps another file of it");
        return string.Join(", ", parts);
    }
}
