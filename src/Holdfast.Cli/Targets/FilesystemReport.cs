// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Wording;
using Holdfast.Linux.Mounted;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.Lifecycle;

namespace Holdfast.Cli.Targets;

/// <summary>What bad ranges broke in one filesystem, whichever way it is asked.</summary>
internal static class FilesystemReport
{
    /// <param name="name">What the report calls the target.</param>
    /// <param name="bad">What of the given ranges is on its data device, in bytes of that.</param>
    /// <param name="exact">Those of them whose source knows their extent.</param>
    public static LocateReport OfMounted(
        KernelTarget target, string name, GivenRanges given, ByteRangeSet bad, ByteRangeSet exact,
        out MountedAnswer answer)
    {
        answer = target.Locate(bad);
        return new()
        {
            Target = name,
            AnsweredBy = "kernel",
            Volume = target.Report,
            Ranges = given.Bad.All,
            Sources = given.Sources,
            Impacts = WithConfidence(answer.Impacts, given, exact),
            Gaps = [.. given.Gaps, .. target.Gaps, .. answer.Gaps],
            Notes = [.. given.Notes, .. target.Notes],
        };
    }

    /// <param name="outside">
    /// Bytes of the target to be named as outside; null: all given ones that are not the filesystem's.
    /// </param>
    public static LocateReport OfDevice(
        OpenedTarget target, GivenRanges given, bool useRmapbt, ByteRangeSet? outside = null)
    {
        TranslatedRanges bad = target.ToVolume(given.Bad.All);
        var locator = new Locator(target.Volume, useRmapbt);
        LocateAnswer answer = Work.Run("looking", progress => locator.Locate(bad.Inside, progress));
        var told = new AnswerNotes(target);
        var gaps = new List<string>([.. given.Gaps, .. told.Gaps]);
        if (!bad.LeftOut.IsEmpty)
        {
            string leftOut = ByteText.Of(bad.LeftOut.TotalLength);
            gaps.Add($"{leftOut} of the bad ranges fall into too many pieces to be followed");
        }

        IReadOnlyList<Impact> impacts = WithConfidence(
            answer.Impacts, given, target.ToVolume(given.Bad.Exact).Inside);
        return new()
        {
            Target = target.Path,
            AnsweredBy = "device",
            Volume = target.Report,
            Ranges = given.Bad.All,
            Sources = given.Sources,
            Impacts = Marked(impacts, target),
            Mount = MountCheck.Run(target.Recovered, bad.Inside),
            Outside = [.. target.NameAreas(outside ?? bad.Outside)],
            Faults = [.. answer.Faults, .. told.Log.Faults],
            AnswerIsComplete = answer.IsComplete,
            Gaps = gaps,
            Notes = [.. given.Notes, .. told.Notes],
        };
    }

    /// <summary>Low where no source that knows the extent of its ranges names one of the bytes.</summary>
    /// <param name="exact">What such sources name, in bytes of the filesystem's device.</param>
    private static IReadOnlyList<Impact> WithConfidence(
        IReadOnlyList<Impact> impacts, GivenRanges given, ByteRangeSet exact) =>
        given.Bad.Exact.TotalLength == given.Bad.All.TotalLength ? impacts
        : [.. impacts.Select(i =>
            exact.Overlaps(i.Physical, i.Length) ? i : i with { Confidence = Confidence.Low })];

    private static IReadOnlyList<Impact> Marked(IReadOnlyList<Impact> impacts, OpenedTarget target)
    {
        ByteRangeSet taken = target.Recovered.Finished.AllocatedByRecovery;
        if (taken.IsEmpty) return impacts;
        return [.. impacts.Select(i => i.Device == DeviceRole.Data && i.Owner != OwnerKind.Free
            && taken.Overlaps(i.Physical, i.Length) ? i with { AllocatedByRecovery = true } : i)];
    }
}
