// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Images;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Wording;
using Holdfast.Linux.Mounted;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast locate: names what bad ranges broke.</summary>
internal sealed class LocateVerb : IVerb
{
    private readonly TargetOptions _target = new(asksKernel: true);
    private readonly RangeOptions _ranges = new();
    private readonly Option<bool> _print = new("--print")
    {
        Description = "Only the paths of damaged files, one a line; of TARGET itself, not of images in it",
    };

    private readonly Option<bool> _print0 = new("--print0")
    {
        Description = "As --print, but each ended by a zero byte",
    };

    private readonly Option<bool> _intoImages = new("--into-images")
    {
        Description = "Look into damaged files that are raw disk images, and name the files in them, to any depth; "
            + "reads more of the disk",
    };

    private readonly Option<string?> _html = new("--html")
    {
        HelpName = "FILE",
        Description = "Also write the report as one web page that needs nothing else; - for stdout, alone",
    };

    public string Name => "locate";

    public string Description => "Name the files, directories and metadata that bad ranges hit";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast locate rescued.img --mapfile rescue.map", "What a ddrescue run could not save"),
        new("holdfast locate /dev/sdb --sector 123456+8 --volume p2", "What eight sectors of a disk hold"),
        new("holdfast locate /srv --range 1M+4K", "Of a mounted filesystem: the kernel is asked"),
        new("holdfast locate rescued.img --mapfile rescue.map --into-images", "In the disks of virtual machines, too"),
        new("holdfast locate rescued.img --mapfile rescue.map --html report.html", "For a customer, or a printer"),
        new("holdfast locate disk.img --range 1M+4K --json | jq .totals", "For programs"),
        new("holdfast locate rescued.img --mapfile rescue.map --print0 |\n"
            + "    rsync -a --from0 --files-from=- /backup/ /restored/", "Bring the damaged files back from a backup"),
    ];

    public void AddTo(Command command)
    {
        _target.AddTo(command);
        _ranges.AddTo(command);
        command.Options.Add(_intoImages);
        command.Options.Add(_html);
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

        HtmlFile? page = parsed.GetValue(_html) is { } file ? HtmlFile.At(file, target) : null;
        DateTimeOffset begun = DateTimeOffset.Now;
        LocateReport report = Locate(parsed, given);
        page?.Write(report, begun);
        if (page is { IsOutput: true }) return report.ExitBits;
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
        LocateReport report = FilesystemReport.OfDevice(target, given, !parsed.GetValue(_target.NoRmapbt));
        if (parsed.GetValue(_intoImages))
        {
            ByteRangeSet exact = target.ToVolume(given.Bad.Exact).Inside;
            return new ImageSearch(_target, parsed).AddTo(report, exact, new VolumeFiles(target, []));
        }

        return ImageHint.Of(target.Volume, report) is { } hint
            ? report with { Notes = [.. report.Notes, hint] }
            : report;
    }

    private LocateReport OfMounted(ParseResult parsed, KernelTarget target, GivenRanges given)
    {
        LocateReport report = FilesystemReport.OfMounted(
            target, parsed.GetValue(_target.Target)!, given, given.Bad.All, given.Bad.Exact, out MountedAnswer answer);
        return parsed.GetValue(_intoImages)
            ? new ImageSearch(_target, parsed).AddTo(report, given.Bad.Exact, new MountedFiles(target, answer))
            : report;
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

            if (report.ExitBits.HasFlag(ExitBits.Incomplete)) Program.Say("the answer is incomplete: see --json");
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
