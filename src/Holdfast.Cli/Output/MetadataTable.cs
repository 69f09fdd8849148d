// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Wording;

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

    /// <summary>What it is called in XFS's words.</summary>
    public static string What(Impact hit) => hit.Structure ?? Words.Of(hit.Owner);

    /// <summary>Where it lies, and whose it is.</summary>
    public static string Place(Impact hit) => $"at byte {hit.Physical}";

    public static string Owner(Impact hit)
    {
        if (hit.Inode is not { } inode) return "";
        return $"of {(hit.Paths.Count > 0 ? VisibleText.Of(hit.Paths[0]) : $"inode {inode}")}";
    }

    /// <summary>What losing it costs, and whom it names: what it is, then the names.</summary>
    public static IEnumerable<(string What, string Names)> Details(Impact hit)
    {
        if (hit.Cost is { } cost) yield return ("", VisibleText.Of(cost));
        if (hit.AttributeKinds.Count > 0) yield return ("", $"attributes: {string.Join(", ", hit.AttributeKinds)}");
        if (hit.LostEntries.Count > 0)
        {
            yield return ("cannot be found any more: ", Names(hit.LostEntries.Select(NameOf), hit.LostEntries.Count));
        }

        if (hit.LostInodes.Count > 0)
        {
            yield return ("lost: ", Names(hit.LostInodes.Select(NameOf), hit.LostInodes.Count));
        }
    }

    private static void Write(IPage page, Impact hit)
    {
        string owner = Owner(hit);
        page.Line(
            [ReportText.Right(ByteText.Of(hit.Length)), "  "], new(What(hit), Tone.Warning),
            new($" {Place(hit)}", Tone.Quiet), owner.Length > 0 ? $" {owner}" : "");
        foreach ((string what, string names) in Details(hit)) page.Line(Under, new(what, Tone.Quiet), names);
    }

    private static string Names(IEnumerable<string> names, int count)
    {
        string rest = count > NamesShownMax ? $" and {count - NamesShownMax} more" : "";
        return string.Join(", ", names.Take(NamesShownMax)) + rest;
    }

    private static string NameOf(LostEntry entry) =>
        entry.Name is { } name ? VisibleText.Of(name) : $"inode {entry.Inode}";

    private static string NameOf(LostInode lost) =>
        lost.Paths.Count > 0 ? VisibleText.Of(lost.Paths[0]) : $"inode {lost.Inode}";
}
