// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Layouts;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Lifecycle;

namespace Holdfast.Cli.Output;

/// <summary>What `holdfast locate` found, ready to be told to people or programs: holdfast.report/1.</summary>
internal sealed record LocateReport
{
    public const string Schema = "holdfast.report/1";

    private ReportTotals? _totals;

    /// <summary>The target as it was typed.</summary>
    public required string Target { get; init; }

    /// <summary>"kernel" of what is mounted; "device" where the filesystem was read itself.</summary>
    public required string AnsweredBy { get; init; }

    public required ReportVolume Volume { get; init; }

    /// <summary>All bad ranges, merged, in bytes of the target.</summary>
    public required ByteRangeSet Ranges { get; init; }

    public IReadOnlyList<RangeSource> Sources { get; init; } = [];

    /// <summary>By device, then place.</summary>
    public required IReadOnlyList<Impact> Impacts { get; init; }

    /// <summary>Whether a mount will succeed; null where nobody asked.</summary>
    public MountForecast? Mount { get; init; }

    /// <summary>Bad bytes of the target that are no part of the filesystem's device, and what they belong to.</summary>
    public IReadOnlyList<DiskArea> Outside { get; init; } = [];

    /// <summary>What the answer could not rest on; some of it was worked around.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Reasons for an incomplete answer that are no fault of a block: a dirty log, no log device.</summary>
    public IReadOnlyList<string> Gaps { get; init; } = [];

    /// <summary>Said for the reader's sake; the answer is not less complete for it.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether the reader itself calls its answer complete.</summary>
    public bool AnswerIsComplete { get; init; } = true;

    /// <summary>
    /// What damaged images lost, filesystem by filesystem, the worst image first; null where nobody asked.
    /// </summary>
    public IReadOnlyList<ImageReport>? Images { get; init; }

    /// <summary>Of this filesystem; images have their own word.</summary>
    public bool IsComplete => AnswerIsComplete && Gaps.Count == 0;

    public ReportTotals Totals => _totals ??= ReportTotals.Of(Impacts, Outside);

    /// <summary>The reports on images, each before those on images in it.</summary>
    public IEnumerable<LocateReport> InImages()
    {
        foreach (ImageReport image in Images ?? [])
        {
            yield return image.Report;
            foreach (LocateReport inner in image.Report.InImages()) yield return inner;
        }
    }

    /// <summary>With those of all images.</summary>
    public ExitBits ExitBits => (Images ?? []).Aggregate(OwnBits, (bits, image) => bits | image.Report.ExitBits);

    private ExitBits OwnBits =>
        (Totals.HitsFileData ? ExitBits.FileData : ExitBits.None)
        | (Totals.HitsMetadata ? ExitBits.Metadata : ExitBits.None)
        | (IsComplete ? ExitBits.None : ExitBits.Incomplete);
}
