// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Inspection;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Cli.Output;

/// <summary>`holdfast block` for people.</summary>
internal static class BlockText
{
    private const int RowsShownMax = 50;

    public static void Write(IPage page, Geometry geometry, DecodedBlock block, IReadOnlyList<Impact> owners)
    {
        (uint ag, AgBlock number) = geometry.BlockAt(block.Bytes.Offset);
        page.Text(
            new Styled($"byte {block.Bytes.Offset}", Tone.Heading),
            $", {block.Bytes.Length} bytes: block {number} of group {ag}, filesystem block {geometry.FsBlockOf(ag, number)}");
        foreach (Impact owner in owners) page.Pair("belongs to", Describe(owner));
        page.Pair("is", block.Structure);
        if (!block.Fault.IsNone)
        {
            page.Pair("not believed", new Styled(TerminalText.Of(InfoText.Word(block.Fault)), Tone.Bad));
        }

        foreach (DecodedField field in block.Fields) page.Pair(field.Name, TerminalText.Of(field.Value));
        page.List("Content", block.Rows, RowsShownMax, "--json lists all");
    }

    private static string Describe(Impact owner)
    {
        string structure = owner.Structure is null ? "" : $", {owner.Structure}";
        if (owner.Inode is not { } inode) return Words.Of(owner.Owner) + structure;
        string place = owner.FileOffset is { } offset ? $" at {offset}" : "";
        string fork = owner.Fork == ForkKind.Attribute ? "attribute" : "data";
        string state = (owner.Unwritten ? ", unwritten" : "") + (owner.Shared ? ", shared" : "");
        string names = owner.Paths.Count == 0 ? "" : $": {string.Join(", ", owner.Paths.Select(TerminalText.Of))}";
        return $"inode {inode}, {fork} fork{place}{structure}{state}{names}";
    }
}
