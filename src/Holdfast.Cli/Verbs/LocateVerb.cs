// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Lists;
using Holdfast.Linux.Mounted;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.Lifecycle;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast locate: names what bad ranges broke.</summary>
internal sealed class LocateVerb : IVerb
{
    private readonly TargetOptions _target = new(asksKernel: true);
    private readonly RangeOptions _ranges = new();
    private readonly Option<bool> _print = new("--print")
    {
        Description = "Only the paths of damaged files, one a line",
    };

    private readonly Option<bool> _print0 = new("--print0")
    {
        Description = "Only the paths of damaged files, each ended by a zero byte",
    };

    public string Name => "locate";

    public string Description => "Name the files, directories and metadata that bad ranges hit";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast locate rescued.img --mapfile rescue.map", "What a ddrescue run could not save"),
        new("holdfast locate /dev/sdb --sector 123456+8 --volume p2", "What eight sectors of a disk hold"),
        new("holdfast locate /srv --range 1M+4K", "Of a mounted filesystem: the kernel is asked"),
        new("holdfast locate disk.img --range 1M+4K --json | jq .totals", "For programs"),
        new("holdfast locate rescued.img --mapfile rescue.map --print0 |\n"
            + "    rsync -a --from0 --files-from=- /backup/ /restored/", "Bring the damaged files back from a backup"),
    ];

    public void AddTo(Command command)
    {
        _target.AddTo(command);
        _ranges.AddTo(command);
        command.Options.Add(_print);
        command.Options.Add(_print0);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string target = parsed.GetValue(_target.Target)!;
        var reader = new RangeReader(_ranges, parsed, KernelTarget.DeviceOf(target));
        GivenRanges given = reader.Read();
        if (!reader.IsAsked)
        {
            throw new CommandFailure("locate: no bad range given: --range, --sector, --mapfile…", ExitBits.Usage);
        }

        LocateReport report = Locate(parsed, given);
        using Stream output = DescriptorStream.OpenOutput();
        Write(parsed, report, output);
        return report.ExitBits;
    }

    private LocateReport Locate(ParseResult parsed, GivenRanges given)
    {
        if (KernelTarget.Open(_target, parsed) is { } kernel)
        {
            using (kernel) return OfMounted(parsed, kernel, given);
        }

        using OpenedTarget target = TargetOpener.Open(_target, parsed, given);
        return Locate(parsed, target, given);
    }

    private LocateReport OfMounted(ParseResult parsed, KernelTarget target, GivenRanges given)
    {
        MountedAnswer answer = target.Locate(given.Bad.All);
        return new()
        {
            Target = parsed.GetValue(_target.Target)!,
            AnsweredBy = "kernel",
            Volume = target.Report,
            Ranges = given.Bad.All,
            Sources = given.Sources,
            Impacts = WithConfidence(answer.Impacts, given.Bad, given.Bad.Exact),
            Gaps = [.. given.Gaps, .. target.Gaps, .. answer.Gaps],
            Notes = [.. given.Notes, .. target.Notes],
        };
    }

    private LocateReport Locate(ParseResult parsed, OpenedTarget target, GivenRanges given)
    {
        TranslatedRanges bad = target.ToVolume(given.Bad.All);
        var locator = new Locator(target.Volume, !parsed.GetValue(_target.NoRmapbt));
        LocateAnswer answer = Work.Run("looking", progress => locator.Locate(bad.Inside, progress));
        var told = new AnswerNotes(target);
        var gaps = new List<string>([.. given.Gaps, .. told.Gaps]);
        if (!bad.LeftOut.IsEmpty)
        {
            string leftOut = ByteText.Of(bad.LeftOut.TotalLength);
            gaps.Add($"{leftOut} of the bad ranges fall into too many pieces to be followed");
        }

        return new()
        {
            Target = target.Path,
            AnsweredBy = "device",
            Volume = target.Report,
            Ranges = given.Bad.All,
            Sources = given.Sources,
            Impacts = Marked(
                WithConfidence(answer.Impacts, given.Bad, target.ToVolume(given.Bad.Exact).Inside), target),
            Mount = MountCheck.Run(target.Recovered, bad.Inside),
            Outside = [.. target.NameAreas(bad.Outside)],
            Faults = [.. answer.Faults, .. told.Log.Faults],
            AnswerIsComplete = answer.IsComplete,
            Gaps = gaps,
            Notes = [.. given.Notes, .. told.Notes],
        };
    }

    /// <summary>Low where no source that knows the extent of its ranges names one of the bytes.</summary>
    /// <param name="exact">What such sources name, in bytes of the filesystem's device.</param>
    private static IReadOnlyList<Impact> WithConfidence(
        IReadOnlyList<Impact> impacts, BadRanges given, ByteRangeSet exact) =>
        given.Exact.TotalLength == given.All.TotalLength ? impacts
        : [.. impacts.Select(i =>
            exact.Overlaps(i.Physical, i.Length) ? i : i with { Confidence = Confidence.Low })];

    private static IReadOnlyList<Impact> Marked(IReadOnlyList<Impact> impacts, OpenedTarget target)
    {
        ByteRangeSet taken = target.Recovered.Finished.AllocatedByRecovery;
        if (taken.IsEmpty) return impacts;
        return [.. impacts.Select(i => i.Device == DeviceRole.Data && i.Owner != OwnerKind.Free
            && taken.Overlaps(i.Physical, i.Length) ? i with { AllocatedByRecovery = true } : i)];
    }

    private void Write(ParseResult parsed, LocateReport report, Stream output)
    {
        if (parsed.GetValue(_print) || parsed.GetValue(_print0))
        {
            int nameless = PathListing.Write(output, report, (byte)(parsed.GetValue(_print0) ? 0 : '\n'));
            if (nameless > 0)
            {
                string files = ByteText.Count(nameless, "damaged file has", "damaged files have");
                Program.Say($"{files} no path: see --json");
            }

            if (!report.IsComplete) Program.Say("the answer is incomplete: see --json");
        }
        else if (parsed.GetValue(_target.Json))
        {
            ReportJson.Write(output, report, Terminal.IsOutput);
        }
        else
        {
            using IPage page = Terminal.OpenPage(output);
            ReportText.Write(page, report);
        }
    }
}
