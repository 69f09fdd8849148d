// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Bench.Notifier;

/// <summary>One line of the table: a number, and what it should be.</summary>
/// <param name="Detail">What else was seen.</param>
/// <param name="Target">Null where nothing was promised.</param>
/// <param name="IsMost">Whether less is better.</param>
internal sealed record NotifierRow(
    string Question, double Value, string Unit, double? Target = null, bool IsMost = false, string Detail = "")
{
    /// <summary>Above 1 the target is met, however it is meant.</summary>
    internal double? Ratio => Target is { } target ? IsMost ? target / Value : Value / target : null;

    internal static void Write(TextWriter output, IReadOnlyList<NotifierRow> rows)
    {
        string[] headings = ["question", "measured", "target", "ratio", "", "beside it"];
        List<string[]> lines = [headings, .. rows.Select(row => row.Cells())];
        int[] widths = [.. headings.Select((_, i) => lines.Max(line => line[i].Length))];
        foreach (string[] line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    private string[] Cells() =>
    [
        Question, Text(Value), Target is { } target ? $"{(IsMost ? "≤" : "≥")} {Text(target)}" : "",
        Ratio is { } ratio ? string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00}×") : "",
        Ratio switch { null => "", >= 1 => "met", _ => "NOT MET" }, Detail,
    ];

    private string Text(double value) => value >= 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{value:#,0} {Unit}")
        : string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {Unit}");
}
