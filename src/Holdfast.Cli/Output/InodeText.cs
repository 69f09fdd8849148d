// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Inspection;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Cli.Output;

/// <summary>`holdfast inode` for people.</summary>
internal static class InodeText
{
    private const int RowsShownMax = 50;

    public static void Write(IPage page, InodeDetails inode, IReadOnlyList<PathName> names)
    {
        string what = inode.IsFree ? "free" : inode.Type.Word();
        page.Text(new Styled($"inode {inode.Number}", Tone.Heading), $": {what}, at byte {inode.Physical}");
        if (inode.IsFree) return;
        foreach (PathName name in names) page.Pair("path", new Styled(TerminalText.Of(name), Tone.Heading));
        if (names.Count == 0) page.Pair("path", new Styled("none leads to it", Tone.Warning));
        page.Pair("size", $"{ByteText.Of(inode.Size)} ({inode.Size} bytes), in {inode.Blocks} blocks");
        page.Pair("owner", $"user {inode.UserId}, group {inode.GroupId}, mode {Octal(inode.Permissions)}");
        page.Pair("links", $"{inode.Links}");
        if (inode.Modified is { } time)
        {
            page.Pair("modified", time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC");
        }

        string attributes = inode.AttributeFormat is { } format ? $"; attribute fork: {Word(format)}" : "";
        page.Pair("forks", $"data fork: {Word(inode.DataFormat)}{attributes}");
        string[] flags = [.. Flags(inode)];
        if (flags.Length > 0) page.Pair("flags", string.Join(", ", flags));
        page.List("Extents", [.. inode.Extents.Select(RowOf)], RowsShownMax, "--json lists all");
        page.List("Attributes", [.. inode.Attributes.Select(RowOf)], RowsShownMax, "--json lists all");
    }

    public static string Octal(int permissions) => "0" + Convert.ToString(permissions, 8);

    private static IEnumerable<string> Flags(InodeDetails inode)
    {
        if (inode.IsRealtime) yield return "realtime (its extents are not shown)";
        if (inode.IsReflinked) yield return "shares blocks, or once did";
        if (inode.IsMetadata) yield return "part of the filesystem itself";
    }

    private static string RowOf(InodeExtent extent)
    {
        string fork = extent.Fork == ForkKind.Data ? "" : "attribute fork, ";
        string state = extent.Unwritten ? ", unwritten" : "";
        return $"{fork}{extent.Offset}+{extent.Length} at byte {extent.Physical}{state}";
    }

    private static string RowOf(InodeAttribute attribute) =>
        $"{attribute.Namespace}.{attribute.Name}: {attribute.ValueLength} bytes";

    private static string Word(ForkFormat format) => format switch
    {
        ForkFormat.Local => "in the inode",
        ForkFormat.Extents => "extents in the inode",
        ForkFormat.Btree => "btree",
        ForkFormat.Device => "device number",
        ForkFormat.MetadataBtree => "metadata btree",
        _ => "UUID",
    };
}
