// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Failures.Wording;
using Holdfast.Linux.Stack;

namespace Holdfast.Cli.Output;

/// <summary>
/// The devices below and above one, drawn as two trees; with ranges, where each of them has those bytes, and which
/// files they are where an XFS is mounted.
/// </summary>
internal sealed class StackText
{
    private const int RangesShownMax = 4;
    private const int FilesShownMax = 8;

    private readonly IPage _page;
    private readonly bool _isAsked;

    private StackText(IPage page, bool isAsked) => (_page, _isAsked) = (page, isAsked);

    public static void Write(IPage page, StackDrawing drawing)
    {
        var text = new StackText(page, drawing.IsAsked);
        text.WriteNode("", "", drawing.Device);
        if (drawing.Below.Count > 0)
        {
            page.Heading("Lies on");
            text.WriteBranches("", drawing.Below);
        }

        if (drawing.Above.Count == 0) return;
        page.Heading("Carries");
        text.WriteBranches("", drawing.Above);
    }

    private void WriteBranches(string indent, IReadOnlyList<StackBranch> branches)
    {
        for (int i = 0; i < branches.Count; i++)
        {
            bool isLast = i == branches.Count - 1;
            string under = indent + (isLast ? "   " : "│  ");
            WriteNode(indent + (isLast ? "└─ " : "├─ "), under, branches[i]);
            WriteBranches(under, branches[i].Next);
        }
    }

    private void WriteNode(string branch, string under, StackBranch at)
    {
        if (at.Node is not { } node)
        {
            _page.Line([branch], new Styled("a member that is missing", Tone.Bad));
            return;
        }

        string size = node.Size is { } bytes ? $", {ByteText.Of(bytes)}" : "";
        string label = node.Label is { } name ? $" ({VisibleText.Of(name)})" : "";
        string kind = node.Kind == "device-mapper" && node.Layer is { } layer ? layer.Kind : node.Kind;
        _page.Line([branch], new Styled(VisibleText.Of(node.Name), Tone.Heading), $"{label}  {kind}{size}");
        if (node.Mounted is { } mounted) Say(under, VisibleText.Of(mounted), Tone.Good);
        if (node.Layer is { Redundancy: > 0 } copies)
        {
            int left = Math.Max(0, copies.Redundancy - node.Missing);
            string survives = left > 0
                ? $"of each byte {ByteText.Count(left, "loss", "losses")} can be borne"
                : "no redundancy is left";
            Say(under, survives, left > 0 ? Tone.Quiet : Tone.Bad);
        }

        if (node.Opaque is { } opaque) Say(under, VisibleText.Of(opaque), Tone.Warning);
        if (_isAsked) WriteRanges(under, at);
    }

    private void WriteRanges(string under, StackBranch at)
    {
        if (at.Ranges is not { } ranges) Say(under, "where the bytes are here cannot be said", Tone.Warning);
        else if (ranges.IsEmpty) Say(under, "none of the bytes", Tone.Quiet);
        else Say(under, Text(ranges), Tone.Bad);
        if (at.Hits is { } hits) WriteHits(under, hits);
    }

    private void WriteHits(string under, MountedHits hits)
    {
        if (hits.Totals is { } totals)
        {
            foreach (FileDamage file in totals.Files.Take(FilesShownMax))
            {
                string name = file.Paths.Count > 0 ? VisibleText.Of(file.Paths[0]) : $"inode {file.Inode}";
                string bytes = file.Lost.IsEmpty ? "its inode" : Text(file.Lost);
                Say(under, $"file {name}: {bytes}", Tone.Bad);
            }

            int more = totals.Files.Count - FilesShownMax;
            string rest = $"and {ByteText.Count(more, "more file", "more files")}; --json lists all";
            if (more > 0) Say(under, rest, Tone.Quiet);
            string structures = ByteText.Count(totals.Metadata.Count, "piece of metadata", "pieces of metadata");
            if (totals.HitsMetadata) Say(under, structures, Tone.Bad);
            bool isNothing = totals is { Files.Count: 0, HitsMetadata: false } && hits.Gaps.Count == 0;
            if (isNothing) Say(under, "nothing that a file or the filesystem would miss", Tone.Good);
        }

        foreach (string gap in hits.Gaps) Say(under, VisibleText.Of(gap), Tone.Warning);
    }

    private void Say(string under, string what, Tone tone) => _page.Line([under], new Styled($"  {what}", tone));

    private static string Text(ByteRangeSet ranges)
    {
        IEnumerable<string> shown = ranges.Take(RangesShownMax).Select(range => string.Create(
            CultureInfo.InvariantCulture, $"{range.Offset}+{range.Length}"));
        string rest = ranges.Count > RangesShownMax ? $" and {ranges.Count - RangesShownMax} more ranges" : "";
        return $"bytes {string.Join(", ", shown)}{rest}";
    }
}
