// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;
using Holdfast.Linux.Stack;

namespace Holdfast.Cli.Output;

/// <summary>
/// The devices below and above one, drawn as two trees; with ranges, where each of them has those bytes.
/// </summary>
internal static class StackText
{
    private const int RangesShownMax = 4;

    public static void Write(IPage page, StackNode node, ByteRangeSet? asked)
    {
        WriteNode(page, "", "", node, asked, isAsked: asked is not null);
        if (node.Below.Count > 0)
        {
            page.Heading("Lies on");
            WriteBelow(page, "", node, asked);
        }

        if (node.Above.Count == 0) return;
        page.Heading("Carries");
        WriteAbove(page, "", node, asked);
    }

    private static void WriteBelow(IPage page, string indent, StackNode node, ByteRangeSet? ranges)
    {
        for (int member = 0; member < node.Below.Count; member++)
        {
            bool isLast = member == node.Below.Count - 1;
            (string branch, string under) = Branch(indent, isLast);
            if (node.Below[member] is not { } below)
            {
                page.Line([branch], new Styled("a member that is missing", Tone.Bad));
                continue;
            }

            ByteRangeSet? there = ranges is null ? null : StackRanges.Down(node, member, ranges);
            WriteNode(page, branch, under, below, there, ranges is not null);
            WriteBelow(page, under, below, there);
        }
    }

    private static void WriteAbove(IPage page, string indent, StackNode node, ByteRangeSet? ranges)
    {
        for (int i = 0; i < node.Above.Count; i++)
        {
            StackNode above = node.Above[i];
            (string branch, string under) = Branch(indent, i == node.Above.Count - 1);
            ByteRangeSet? there = ranges is null ? null : StackRanges.Up(node, above, ranges);
            WriteNode(page, branch, under, above, there, ranges is not null);
            WriteAbove(page, under, above, there);
        }
    }

    private static (string Branch, string Under) Branch(string indent, bool isLast) =>
        (indent + (isLast ? "└─ " : "├─ "), indent + (isLast ? "   " : "│  "));

    private static void WriteNode(
        IPage page, string branch, string under, StackNode node, ByteRangeSet? ranges, bool isAsked)
    {
        string size = node.Size is { } bytes ? $", {ByteText.Of(bytes)}" : "";
        string label = node.Label is { } name ? $" ({TerminalText.Of(name)})" : "";
        string kind = node.Kind == "device-mapper" && node.Layer is { } layer ? layer.Kind : node.Kind;
        page.Line([branch], new Styled(TerminalText.Of(node.Name), Tone.Heading), $"{label}  {kind}{size}");
        if (node.Mounted is { } mounted) page.Line([under], new Styled($"  {TerminalText.Of(mounted)}", Tone.Good));
        if (node.Layer is { Redundancy: > 0 } copies)
        {
            int left = Math.Max(0, copies.Redundancy - node.Missing);
            string survives = left > 0
                ? $"  of each byte {ByteText.Count(left, "loss", "losses")} can be borne"
                : "  no redundancy is left";
            page.Line([under], new Styled(survives, left > 0 ? Tone.Quiet : Tone.Bad));
        }

        if (node.Opaque is { } opaque) page.Line([under], new Styled($"  {TerminalText.Of(opaque)}", Tone.Warning));
        if (!isAsked) return;
        page.Line([under], ranges switch
        {
            null => new Styled("  where the bytes are here cannot be said", Tone.Warning),
            { IsEmpty: true } => new Styled("  none of the bytes", Tone.Quiet),
            _ => new Styled($"  {Text(ranges)}", Tone.Bad),
        });
    }

    private static string Text(ByteRangeSet ranges)
    {
        IEnumerable<string> shown = ranges.Take(RangesShownMax).Select(range => string.Create(
            CultureInfo.InvariantCulture, $"{range.Offset}+{range.Length}"));
        string rest = ranges.Count > RangesShownMax ? $" and {ranges.Count - RangesShownMax} more ranges" : "";
        return $"bytes {string.Join(", ", shown)}{rest}";
    }
}
