// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Bench.Measures;

/// <summary>The rows for people.</summary>
internal static class Table
{
    private static readonly string[] Headings = ["image", "question", "cache", "ours", "peer", "", "ratio", "goal", ""];

    public static void Write(TextWriter output, IReadOnlyList<Row> rows)
    {
        List<string[]> lines = [Headings, .. rows.Select(Cells)];
        int[] widths = [.. Headings.Select((_, i) => lines.Max(l => l[i].Length))];
        foreach (string[] line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    private static string[] Cells(Row row)
    {
        bool memory = row.Goal?.EndsWith("memory", StringComparison.Ordinal) ?? false;
        bool bound = row.Goal?.EndsWith("slower", StringComparison.Ordinal) ?? false;
        double? ratio = memory ? row.TimesLessMemory : bound ? row.TimesSlower : row.TimesFaster;
        return
        [
            row.Image, row.Question, row.Cache, Text(row.Ours, memory), Text(row.Peer, memory), row.PeerName ?? "",
            ratio is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{ratio:0.0}×"), row.Goal ?? "",
            row.Met switch { true => "met", false => "NOT MET", null => "" },
        ];
    }

    private static string Text(Timing? timing, bool memory) => timing switch
    {
        null => "",
        _ when memory => string.Create(CultureInfo.InvariantCulture, $"{timing.PeakBytes / 1e6:0} MB"),
        { Mean: < 1 } => string.Create(
            CultureInfo.InvariantCulture,
            $"{timing.Mean * 1e3:0} ± {timing.Deviation * 1e3:0} ms (least {timing.Least * 1e3:0})"),
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"{timing.Mean:0.00} ± {timing.Deviation:0.00} s (least {timing.Least:0.00})"),
    };
}
