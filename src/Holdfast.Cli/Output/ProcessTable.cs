// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Wording;

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

    /// <summary>Those first that have most in their memory.</summary>
    public static IEnumerable<UsingProcess> Of(IReadOnlyList<Impact> impacts) => impacts
        .SelectMany(impact => impact.Processes.Select(use => (Use: use, Impact: impact)))
        .GroupBy(at => at.Use.ProcessId)
        .Select(Of)
        .OrderByDescending(at => at.Mapped).ThenBy(at => at.ProcessId);

    public static void Write(IPage page, IReadOnlyList<Impact> impacts)
    {
        UsingProcess[] processes = [.. Of(impacts)];
        if (processes.Length == 0) return;
        page.Heading("Processes");
        page.Line(
            [
                new(ReportText.Right("in memory"), Tone.Quiet), "  ", new("pid".PadLeft(PidWidth), Tone.Quiet), "  ",
            ],
            new Styled("name", Tone.Quiet));
        foreach (UsingProcess process in processes.Take(ReportText.RowsMax)) Write(page, process);
        ReportText.WriteRest(page, processes.Length, "--json lists all");
    }

    private static void Write(IPage page, UsingProcess process)
    {
        page.Line(
            [
                process.Mapped > 0
                    ? new Styled(ReportText.Right(ByteText.Of(process.Mapped)), Tone.Bad)
                    : ReportText.Right("–"),
                "  ",
                process.ProcessId.ToString(CultureInfo.InvariantCulture).PadLeft(PidWidth), "  ",
            ],
            new(process.Name, Tone.Heading),
            new(process.Place.Length > 0 ? $"  {process.Place}" : "", Tone.Quiet));
        foreach ((string name, string use) in process.Files.Take(FilesShownMax))
        {
            page.Line(Under, name, new($": {use}", Tone.Quiet));
        }

        if (process.Files.Count > FilesShownMax)
        {
            page.Line(Under, new Styled($"and {process.Files.Count - FilesShownMax} more files", Tone.Quiet));
        }
    }

    private static UsingProcess Of(IEnumerable<(ProcessUse Use, Impact Impact)> group)
    {
        (ProcessUse Use, Impact Impact)[] all = [.. group];
        ProcessUse process = all[0].Use;
        string place = process.Unit ?? (process.Container is { } id ? $"container {id[..12]}" : "");
        return new(
            process.ProcessId, VisibleText.Of(process.Name), VisibleText.Of(place),
            all.Sum(at => at.Use.Mapped.Sum(part => part.Length)),
            [.. all.GroupBy(at => at.Impact.Inode).Select(
                file => (NameOf(file.First().Impact), Use([.. file.Select(at => at.Use)])))]);
    }

    private static string NameOf(Impact impact) =>
        impact.Paths.Count > 0 ? VisibleText.Of(impact.Paths[0]) : $"inode {impact.Inode}";

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
