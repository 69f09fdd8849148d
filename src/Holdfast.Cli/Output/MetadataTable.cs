// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Output;

/// <summary>Structures of the filesystem that are hit, what losing each costs, and whom it names.</summary>
internal static class MetadataTable
{
    private const int NamesShownMax = 5;
    private static readonly Styled[] Under = [new string(' ', 12 + 2)];

    public static void Write(IPage page, IReadOnlyList<Impact> hits)
    {
        if (hits.Count == 0) return;
        page.Heading("Metadata");
        for (int i = 0; i < Math.Min(ReportText.RowsMax, hits.Count); i++) Write(page, hits[i]);
        ReportText.WriteRest(page, hits.Count, "--json lists all");
    }

    private static void Write(IPage page, Impact hit)
    {
        page.Line(
            [ReportText.Right(ByteText.Of(hit.Length)), "  "],
            new(hit.Structure ?? Words.Of(hit.Owner), Tone.Warning),
            new($" at byte {hit.Physical}", Tone.Quiet),
            Owner(hit));
        if (hit.Cost is { } cost) page.Line(Under, TerminalText.Of(cost));
        if (hit.AttributeKinds.Count > 0) page.Line(Under, $"attributes: {string.Join(", ", hit.AttributeKinds)}");
        WriteNames(page, "cannot be found any more: ", hit.LostEntries.Select(NameOf), hit.LostEntries.Count);
        WriteNames(page, "lost: ", hit.LostInodes.Select(NameOf), hit.LostInodes.Count);
    }

    private static Styled Owner(Impact hit)
    {
        if (hit.Inode is not { } inode) return "";
        string name = hit.Paths.Count > 0 ? TerminalText.Of(hit.Paths[0]) : $"inode {inode}";
        return new($" of {name}");
    }

    private static void WriteNames(IPage page, string what, IEnumerable<string> names, int count)
    {
        if (count == 0) return;
        string rest = count > NamesShownMax ? $" and {count - NamesShownMax} more" : "";
        page.Line(Under, new(what, Tone.Quiet), string.Join(", ", names.Take(NamesShownMax)) + rest);
    }

    private static string NameOf(LostEntry entry) =>
        entry.Name is { } name ? TerminalText.Of(name) : $"inode {entry.Inode}";

    private static string NameOf(LostInode lost) =>
        lost.Paths.Count > 0 ? TerminalText.Of(lost.Paths[0]) : $"inode {lost.Inode}";
}
