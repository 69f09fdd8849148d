// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text;
using Holdfast.Cli.Images;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Lists;
using Holdfast.Linux.Mounted;

namespace Holdfast.Cli.Tests.Images;

/// <summary>`holdfast locate --into-images` without a process of its own, to be asked a thousand times.</summary>
internal static class ImageLocate
{
    /// <summary>Of what is not mounted, down into images.</summary>
    public static LocateReport IntoImages(string target, ByteRangeSet bad, params string[] more)
    {
        ParseResult parsed = Parse(target, more, out TargetOptions options);
        GivenRanges given = Given(bad, bad);
        using OpenedTarget opened = TargetOpener.Open(options, parsed, given);
        LocateReport report = FilesystemReport.OfDevice(opened, given, useRmapbt: true);
        return new ImageSearch(options, parsed).AddTo(
            report, opened.ToVolume(given.Bad.Exact).Inside, new VolumeFiles(opened, []));
    }

    /// <summary>Of one that is mounted, through the kernel and down into images.</summary>
    public static LocateReport IntoImagesOfMounted(string target, ByteRangeSet bad)
    {
        ParseResult parsed = Parse(target, [], out TargetOptions options);
        GivenRanges given = Given(bad, bad);
        using KernelTarget kernel = KernelTarget.Open(options, parsed)!;
        LocateReport report = FilesystemReport.OfMounted(kernel, target, given, bad, bad, out MountedAnswer answer);
        return new ImageSearch(options, parsed).AddTo(report, bad, new MountedFiles(kernel, answer));
    }

    /// <summary>Of what is not mounted, and no further.</summary>
    public static LocateReport Alone(string target, ByteRangeSet bad, params string[] more)
    {
        ParseResult parsed = Parse(target, more, out TargetOptions options);
        GivenRanges given = Given(bad, bad);
        using OpenedTarget opened = TargetOpener.Open(options, parsed, given);
        LocateReport report = FilesystemReport.OfDevice(opened, given, useRmapbt: true);
        return ImageHint.Of(opened.Volume, report) is { } hint
            ? report with { Notes = [.. report.Notes, hint] }
            : report;
    }

    /// <summary>All that a report says but what it calls its target, and the images in it.</summary>
    public static string Text(LocateReport report)
    {
        using var stream = new MemoryStream();
        ReportJson.Write(
            stream, report with { Target = "", Images = null, Sources = [], Notes = [.. report.Notes.Where(IsNoHint)] },
            isForPeople: true);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static GivenRanges Given(ByteRangeSet bad, ByteRangeSet exact) => new()
    {
        Bad = BadRanges.From(bad.Select(at => new ReportedRange(at, Confidence.Low))
            .Concat(exact.Select(at => new ReportedRange(at, Confidence.Exact)))),
        Mapfiles = [], Sources = [], Gaps = [], Notes = [],
    };

    private static bool IsNoHint(string note) => !note.Contains("--into-images", StringComparison.Ordinal);

    private static ParseResult Parse(string target, string[] more, out TargetOptions options)
    {
        options = new(asksKernel: true);
        var command = new Command("locate");
        options.AddTo(command);
        return command.Parse([target, .. more]);
    }
}
