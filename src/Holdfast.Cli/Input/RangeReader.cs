// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Failures.Wording;
using Holdfast.Linux;
using Holdfast.Linux.Devices;

namespace Holdfast.Cli.Input;

/// <summary>Collects the bad ranges of all options. A list that cannot be right is refused.</summary>
internal sealed class RangeReader(RangeOptions options, ParseResult parsed, string target)
{
    private const int SectorSize = 512;
    private const long PhysicalSectorMax = 1 << 20;

    private readonly List<ReportedRange> _reported = [];
    private readonly List<Mapfile> _mapfiles = [];
    private readonly List<RangeSource> _sources = [];
    private readonly List<string> _gaps = [];
    private readonly List<string> _notes = [];

    /// <summary>Was any option given that names bad ranges, be they none?</summary>
    public bool IsAsked => _sources.Count > 0;

    public GivenRanges Read()
    {
        ReadTyped(options.Range, "range", RangeText.TryParse);
        ReadTyped(options.Sector, "sector", static (text, out range, out problem) =>
            SectorText.TryParse(text, SectorSize, out range, out problem));
        foreach (string file in Values(options.Mapfile)) ReadMapfile(file);
        long blockSize = Size(options.BlockSize) ?? BadblocksList.DefaultBlockSize;
        foreach (string file in Values(options.Badblocks))
        {
            RangeList list = Open(file, s => BadblocksList.Read(s, blockSize));
            Refuse(file, list.Faults);
            Add("badblocks", file, list.Ranges);
        }

        foreach (string file in Values(options.SysfsBadblocks))
        {
            RangeList list = Open(file, SysfsBadblocksList.Read);
            Doubt(file, list.Faults);
            Add("sysfs_badblocks", file, list.Ranges);
        }

        foreach (string file in Values(options.Smart)) ReadSmart(file);
        foreach (string file in Values(options.Dmesg)) ReadDmesg(file);
        return new()
        {
            Bad = BadRanges.From(_reported),
            Mapfiles = _mapfiles,
            Sources = _sources,
            Gaps = _gaps,
            Notes = _notes,
        };
    }

    private delegate bool Parser(ReadOnlySpan<char> text, out ByteRange range, out string problem);

    private void ReadTyped(Option<string[]> option, string kind, Parser parse)
    {
        var ranges = new List<ReportedRange>();
        foreach (string text in Values(option))
        {
            if (!parse(text, out ByteRange range, out string problem))
            {
                throw new CommandFailure($"{option.Name} {text}: {problem}", ExitBits.Usage);
            }

            ranges.Add(new(range, Confidence.Exact));
        }

        if (ranges.Count > 0) Add(kind, "", ranges);
    }

    private void ReadMapfile(string file)
    {
        Mapfile mapfile = Open(file, Mapfile.Read);
        Refuse(file, mapfile.Faults);
        MapfileStatuses untried = parsed.GetValue(options.Untried) ? MapfileStatuses.Untried : MapfileStatuses.None;
        _mapfiles.Add(mapfile);
        Add("mapfile", file, mapfile.Reported(MapfileStatuses.BadSector | untried));
        long open = mapfile.Where(MapfileStatuses.Untried & ~untried).TotalLength;
        if (open > 0)
        {
            _notes.Add($"{file}: {ByteText.Of(open)} not tried to the end; --untried counts them as bad");
        }
    }

    private void ReadSmart(string file)
    {
        SmartctlReport report = Open(file, s => SmartctlReport.Read(s));
        if (report.Findings.Count == 0) Refuse(file, report.Faults);
        Doubt(file, report.Faults);
        // The drive's own word for its physical sector counts, unless somebody knows better.
        long sector = PhysicalSector() ?? 1;
        Add("smart", file, [.. report.Ranges.Select(r => r with { Range = Widened(r.Range, sector) })]);
    }

    private long? PhysicalSector()
    {
        if (Size(options.PhysicalSector) is not { } size) return null;
        if (size % SectorSize == 0 && size <= PhysicalSectorMax) return size;
        throw new CommandFailure($"--physical-sector {size}: not a multiple of 512 up to 1 MiB", ExitBits.Usage);
    }

    private static ByteRange Widened(ByteRange range, long unit)
    {
        long end = range.End > long.MaxValue - unit ? range.End : (range.End + unit - 1) / unit * unit;
        return ByteRange.FromTo(range.Offset / unit * unit, end);
    }

    private void ReadDmesg(string file)
    {
        var sizes = new KernelLogOptions();
        long sector = PhysicalSector()
            ?? BlockDevice.At(target, KernelRoots.Real)?.PhysicalSectorSize ?? 0;
        if (sector > 0) sizes = sizes with { PhysicalSectorSize = sector };
        KernelLog log = Open(file, s => KernelLog.Read(s, sizes));
        Doubt(file, log.Faults);
        KernelLogDevice? device = Choose(file, log);
        Add("dmesg", file, device?.Ranges ?? []);
        if (log.Tally.Suppressed > 0)
        {
            _notes.Add($"{file}: the kernel left out {log.Tally.Suppressed} messages, so there may be more bad ranges");
        }
    }

    /// <summary>By --device; else the target's own name; else the only one there is.</summary>
    private KernelLogDevice? Choose(string file, KernelLog log)
    {
        string names = string.Join(", ", log.Devices.Take(20).Select(d => d.Name));
        if (parsed.GetValue(options.Device) is { } wanted)
        {
            string name = wanted.StartsWith("/dev/", StringComparison.Ordinal) ? wanted[5..] : wanted;
            if (log.Find(name) is { } found) return found;
            _notes.Add($"{file}: no failed read of {name}{(names.Length > 0 ? $" (but of {names})" : "")}");
            return null;
        }

        if (log.Find(Path.GetFileName(target)) is { } same) return same;
        return log.Devices.Count switch
        {
            0 => null,
            1 => log.Devices[0],
            _ => throw new CommandFailure(
                $"{file} tells of several devices: choose one with --device ({names})", ExitBits.Usage),
        };
    }

    private void Add(string kind, string file, IReadOnlyList<ReportedRange> ranges)
    {
        long bytes = 0;
        foreach (ReportedRange range in ranges) bytes += range.Range.Length;
        _reported.AddRange(ranges);
        _sources.Add(new(kind, file, ranges.Count, bytes));
    }

    private static void Refuse(string file, ListFaults faults)
    {
        if (faults.TotalCount == 0) return;
        string more = faults.TotalCount > 1 ? $" (and {faults.TotalCount - 1} more)" : "";
        throw new CommandFailure($"{file}: {faults[0]}{more}");
    }

    private void Doubt(string file, ListFaults faults)
    {
        if (faults.TotalCount == 0) return;
        string more = faults.TotalCount > 1 ? $" (and {faults.TotalCount - 1} more)" : "";
        _gaps.Add($"{file} could not be read whole: {faults[0]}{more}");
    }

    private long? Size(Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        if (RangeText.TryParseSize(text, out long size, out string problem) && size > 0) return size;
        throw new CommandFailure($"{option.Name} {text}: {(problem.Length > 0 ? problem : "no size")}", ExitBits.Usage);
    }

    private string[] Values(Option<string[]> option) => parsed.GetValue(option) ?? [];

    private static T Open<T>(string file, Func<Stream, T> read)
    {
        try
        {
            using Stream stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            return read(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{file}: {e.Message}");
        }
    }
}
