// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Devices.Layouts;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Output;

/// <summary>
/// A report for people, what matters first: the verdict, damaged files, metadata, what is harmless, what is not known.
/// </summary>
internal sealed class ReportText
{
    /// <summary>More rows than this help nobody; --print and --json have them all.</summary>
    public const int RowsMax = 50;

    // What is not known must not push what is known off the screen.
    private const int FaultsMax = 12;
    private const int WorkedAroundMax = 4;

    private readonly IPage _page;
    private readonly LocateReport _report;
    private readonly ReportTotals _totals;

    private ReportText(IPage page, LocateReport report)
    {
        _page = page;
        _report = report;
        _totals = report.Totals;
    }

    public static void Write(IPage page, LocateReport report)
    {
        WriteOne(page, report, isImage: false);
        IReadOnlyList<LocateReport> images = [.. report.InImages()];
        foreach (LocateReport image in images.Take(RowsMax))
        {
            page.Blank();
            page.Blank();
            WriteOne(page, image, isImage: true);
        }

        if (images.Count > RowsMax) page.Blank();
        WriteRest(page, images.Count, "--json lists all");
    }

    private static void WriteOne(IPage page, LocateReport report, bool isImage)
    {
        var text = new ReportText(page, report);
        text.WriteVerdict(isImage);
        FileTable.Write(page, text._totals);
        ProcessTable.Write(page, report.Impacts);
        MetadataTable.Write(page, text._totals.Metadata);
        text.WriteHarmless();
        text.WriteMount();
        text.WriteUnknown();
    }

    private void WriteVerdict(bool isImage)
    {
        ReportVolume volume = _report.Volume;
        string join = volume.Name.Length > 0 ? ", " : ": ";
        _page.Text(
            isImage ? "In the image " : "",
            new Styled(VisibleText.Of(_report.Target), Tone.Heading),
            $"{join}{ReportVerdict.Subject(volume)}");
        _page.Text(ReportVerdict.Ranges(_report, isImage));
        _page.Blank();
        _page.Text(ReportVerdict.Files(_report), " ", ReportVerdict.Metadata(_report));
        if (_report.IsComplete) return;
        string end = isImage || _report.Images is { Count: > 0 } ? "\"Not known\" below" : "the end";
        _page.Text(new Styled($"This answer is incomplete: see {end}.", Tone.Bad));
    }

    private void WriteHarmless()
    {
        (long Bytes, string What)[] kinds = [.. ReportVerdict.Harmless(_report)];
        if (kinds.Length == 0) return;
        _page.Heading("Harmless");
        foreach ((long bytes, string what) in kinds) _page.Line([Right(ByteText.Of(bytes)), "  "], what);
        for (int i = 0; i < Math.Min(RowsMax, _report.Outside.Count); i++)
        {
            DiskArea area = _report.Outside[i];
            string where = $"{ByteText.Of(area.Range.Length)} at byte {area.Range.Offset}";
            _page.Line([Right(""), "    "], new Styled($"{where}: {VisibleText.Of(area.Name)}", Tone.Quiet));
        }

        WriteRest(_page, _report.Outside.Count, "--json lists all");
    }

    private void WriteMount()
    {
        if (_report.Mount is { } mount && MountText.IsNews(mount)) MountText.Write(_page, mount);
    }

    private void WriteUnknown()
    {
        if (!_report.IsComplete) _page.Heading("Not known");
        foreach (string gap in _report.Gaps) _page.Line(["  "], new Styled(VisibleText.Of(gap), Tone.Bad));
        if (ReportVerdict.Unknown(_report) is { } unknown) _page.Line(["  "], new Styled(unknown, Tone.Bad));
        WriteFaults([.. _report.Faults.Where(f => !f.IsWorkedAround)], FaultsMax, Tone.Bad);
        Fault[] workedAround = [.. _report.Faults.Where(f => f.IsWorkedAround)];
        if (workedAround.Length > 0) _page.Heading("Damaged too, but there was another way to know");
        WriteFaults(workedAround, WorkedAroundMax, Tone.Plain);
        if (_report.Notes.Count > 0) _page.Heading("To know");
        foreach (string note in _report.Notes) _page.Line(["  "], VisibleText.Of(note));
    }

    private void WriteFaults(Fault[] faults, int most, Tone tone)
    {
        for (int i = 0; i < Math.Min(most, faults.Length); i++)
        {
            _page.Line(["  "], new Styled(VisibleText.Of(faults[i].ToString()), tone));
        }

        WriteRest(_page, faults.Length, "--json lists all", most);
    }

    /// <summary>Right-aligned in the first column of every table.</summary>
    public static string Right(string text) => text.PadLeft(12);

    /// <summary>Says what a table left out, and where to find it.</summary>
    public static void WriteRest(IPage page, int count, string where, int most = RowsMax)
    {
        if (count <= most) return;
        string rest = (count - most).ToString("N0", CultureInfo.InvariantCulture);
        page.Line(["  "], new Styled($"… and {rest} more; {where}", Tone.Quiet));
    }
}
