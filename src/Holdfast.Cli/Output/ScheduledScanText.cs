// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Output;

/// <summary>Scheduled scans for people, a line each.</summary>
internal static class ScheduledScanText
{
    public static Styled Of(ScanJson scan)
    {
        string name = $"scan {VisibleText.Of(scan.Name)}: {VisibleText.Of(scan.Device)}";
        string bad = scan.BadBytes > 0 ? $", {ByteText.Of(scan.BadBytes)} cannot be read" : "";
        string note = scan.Note is { } why ? $" ({VisibleText.Of(why)})" : "";
        string what = scan.State switch
        {
            "reading" => $"{Share(scan)} of {ByteText.Of(scan.WantedBytes)} read{Left(scan.LeftS)}",
            "no_device" => "is not there; waited for",
            _ when scan.Begun is not null => $"{ByteText.Of(scan.ReadBytes)} read, goes on{At(scan.Next)}",
            _ when scan.LastFinished is { } last => $"read through at {DaemonText.TimeOf(last)}, again{At(scan.Next)}",
            _ => $"begins{At(scan.Next)}",
        };
        return new($"{name} {what}{bad}{note}", scan.BadBytes > 0 || scan.State == "no_device"
            ? Tone.Warning
            : Tone.Quiet);
    }

    private static string Share(ScanJson scan) => scan.WantedBytes <= 0 ? "0 %"
        : string.Create(CultureInfo.InvariantCulture, $"{100.0 * scan.ReadBytes / scan.WantedBytes:0.0} %");

    private static string At(DateTimeOffset? next) => next is { } at ? $" at {DaemonText.TimeOf(at)}" : "";

    private static string Left(long? seconds) => seconds switch
    {
        null => "",
        < 120 => $", {seconds} s to go",
        < 7200 => $", {seconds / 60} min to go",
        _ => $", {seconds / 3600} h to go",
    };
}
