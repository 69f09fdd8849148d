// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Wording;
using Holdfast.Web.Maps;
using Holdfast.Web.Reports;

namespace Holdfast.Cli.Output;

/// <summary>A report's answer for one filesystem, as the one-file report lays it out.</summary>
internal static class ReportSection
{
    private const int WorstMax = 100;
    private const int RowsMax = 2000;
    private const int PathsShownMax = 12;
    private const int OwnersShownMax = 4;

    public static FilesystemSection Of(LocateReport report, bool isImage)
    {
        ReportTotals totals = report.Totals;
        return new()
        {
            Target = isImage ? $"In the image {VisibleText.Of(report.Target)}" : VisibleText.Of(report.Target),
            Subject = $"{ReportVerdict.Subject(report.Volume)}; {ReportVerdict.Ranges(report, isImage)}",
            Verdict = [.. Verdict(report)],
            Length = report.Volume.Length,
            Pieces = [.. report.Impacts.Where(at => at.Device == DeviceRole.Data).Select(PieceOf)],
            OwnersOf = place => Owners(report, place),
            Worst = Group("Damaged files, the worst first", totals.Files, FileOf, WorstMax, "all are listed below"),
            Files = [.. totals.Files.Where(at => at.Paths.Count > 0).Select(
                at => new DamagedFile(at.Paths[0], at.BytesLost, at.Share, at.InodeLost))],
            Groups = [.. Groups(report).OfType<FindingGroup>()],
        };
    }

    private static IEnumerable<Saying> Verdict(LocateReport report)
    {
        yield return Say(ReportVerdict.Files(report));
        yield return Say(ReportVerdict.Metadata(report));
        if (!report.IsComplete) yield return new("This answer is incomplete: see “Not known” below.", ReportTone.Bad);
    }

    private static Saying Say(Styled styled) => new(styled.Text, styled.Tone switch
    {
        Tone.Good => ReportTone.Good,
        Tone.Warning => ReportTone.Warning,
        Tone.Bad => ReportTone.Bad,
        _ => ReportTone.Plain,
    });

    private static MapPiece PieceOf(Impact impact) => new(
        new(impact.Physical, impact.Length),
        impact.Severity switch
        {
            Severity.FileData => MapContent.FileData,
            Severity.Metadata => MapContent.Metadata,
            _ => impact.Owner == OwnerKind.Unknown ? MapContent.Unknown : MapContent.Harmless,
        });

    /// <summary>"accounts.db; bmbt of vm/debian.raw; free space"; the first few, in the order of the device.</summary>
    private static string Owners(LocateReport report, ByteRange place)
    {
        string[] owners = [.. report.Impacts
            .Where(at => at.Device == DeviceRole.Data && place.Overlaps(new(at.Physical, at.Length)))
            .Select(OwnerOf).Distinct().Take(OwnersShownMax + 1)];
        string rest = owners.Length > OwnersShownMax ? "; and more" : "";
        return string.Join("; ", owners.Take(OwnersShownMax)) + rest;
    }

    private static string OwnerOf(Impact impact)
    {
        string name = impact.Paths.Count > 0 ? VisibleText.Of(impact.Paths[0])
            : impact.Inode is { } inode ? $"inode {inode}" : "";
        if (impact.Severity == Severity.FileData) return name;
        string what = impact.Owner switch
        {
            OwnerKind.Free => "free space",
            OwnerKind.Unknown => "nobody known",
            _ => MetadataTable.What(impact),
        };
        return name.Length > 0 ? $"{what} of {name}" : what;
    }

    private static IEnumerable<FindingGroup?> Groups(LocateReport report)
    {
        FileDamage[] nameless = [.. report.Totals.Files.Where(at => at.Paths.Count == 0)];
        yield return Group("Damaged files that no path leads to", nameless, FileOf);
        yield return Group("Processes", [.. ProcessTable.Of(report.Impacts)], ProcessOf);
        yield return Group("Metadata", report.Totals.Metadata, MetadataOf);
        yield return Group(
            "Harmless", [.. ReportVerdict.Harmless(report)], at => new Finding(ByteText.Of(at.Bytes), at.What));
        yield return Group(
            "Outside this filesystem", report.Outside,
            at => new Finding(ByteText.Of(at.Range.Length), VisibleText.Of(at.Name))
            {
                Aside = $"at byte {at.Range.Offset}",
            });
        yield return Mount(report);
        yield return Group("Not known", [.. Unknown(report)], at => Line(at, ReportTone.Bad));
        yield return Group(
            "Damaged too, but there was another way to know",
            [.. report.Faults.Where(at => at.IsWorkedAround)], at => Line(at.ToString()));
        yield return Group("To know", report.Notes, at => Line(at));
        yield return Group("Where the bad ranges come from", report.Sources, SourceOf);
    }

    /// <returns>Null where there is none.</returns>
    private static FindingGroup? Group<T>(
        string heading, IReadOnlyList<T> all, Func<T, Finding> one, int most = RowsMax,
        string where = "--json lists all")
    {
        if (all.Count == 0) return null;
        string rest = all.Count > most ? $"… and {ByteText.Count(all.Count - most, "more", "more")}; {where}" : "";
        return new(heading, [.. all.Take(most).Select(one)], rest);
    }

    private static Finding Line(string text, ReportTone tone = ReportTone.Plain) =>
        new("", VisibleText.Of(text)) { Tone = tone };

    private static Finding FileOf(FileDamage file)
    {
        string[] also = [.. file.Paths.Skip(1).Take(PathsShownMax).Select(at => $"also {VisibleText.Of(at)}")];
        int more = file.Paths.Count - 1 - also.Length;
        string[] rest = more > 0 ? [$"and {ByteText.Count(more, "more name", "more names")}"] : [];
        return new(FileTable.Lost(file), FileTable.Name(file))
        {
            Aside = file.Share is { } share ? $"{ByteText.Percent(share)} of the file" : "",
            Lines = [.. also, .. rest, FileTable.Details(file)],
        };
    }

    private static Finding MetadataOf(Impact hit) => new(ByteText.Of(hit.Length), MetadataTable.What(hit))
    {
        Tone = ReportTone.Warning,
        Aside = $"{MetadataTable.Place(hit)} {MetadataTable.Owner(hit)}".TrimEnd(),
        Lines = [.. MetadataTable.Details(hit).Select(at => at.What + at.Names)],
    };

    private static Finding ProcessOf(UsingProcess process) => new(
        process.Mapped > 0 ? ByteText.Of(process.Mapped) : "–", process.Name)
    {
        Aside = $"pid {process.ProcessId}{(process.Place.Length > 0 ? $", {process.Place}" : "")}",
        Lines = [.. process.Files.Select(at => $"{at.Name}: {at.Use}")],
    };

    private static FindingGroup? Mount(LocateReport report)
    {
        if (report.Mount is not { } mount || !MountText.IsNews(mount)) return null;
        Styled verdict = MountText.Verdict(mount);
        IEnumerable<Finding> obstacles = mount.Obstacles.Take(RowsMax).Select(at =>
            Line(at.Why.ToString(), ReportTone.Bad) with { Lines = [VisibleText.Of(at.Consequence)] });
        return new(
            "Will it mount?",
            [
                new("", verdict.Text) { Tone = Say(verdict).Tone }, .. obstacles,
                .. MountText.Lines(mount).Select(at => Line(at)),
            ]);
    }

    private static IEnumerable<string> Unknown(LocateReport report)
    {
        foreach (string gap in report.Gaps) yield return gap;
        if (ReportVerdict.Unknown(report) is { } unknown) yield return unknown;
        foreach (Fault fault in report.Faults.Where(at => !at.IsWorkedAround)) yield return fault.ToString();
    }

    private static Finding SourceOf(RangeSource source) => new(
        ByteText.Of(source.Bytes), source.Name.Length > 0 ? VisibleText.Of(source.Name) : $"--{source.Kind}")
    {
        Aside = $"{source.Kind}, {ByteText.Count(source.Count, "range", "ranges")}",
    };
}
