// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Targets;
using Holdfast.Failures.Wording;
using Holdfast.Xfs.Describe;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.Volume;

namespace Holdfast.Cli.Output;

/// <summary>`holdfast info` for people. Where there are many groups, those that are sound are only counted.</summary>
internal static class InfoText
{
    private const int GroupsShownMax = 32;

    public static void Write(IPage page, OpenedTarget target, AnswerNotes notes, IReadOnlyList<GroupHealth> groups,
        Leftovers leftovers)
    {
        Geometry geometry = target.Volume.Geometry;
        string place = target.IsWhole ? "" : $", {VisibleText.Of(target.Node.ToString())}";
        var name = new Styled(VisibleText.Of(target.Path), Tone.Heading);
        page.Text(name, $"{place}: XFS version {geometry.Features.Version}");
        if (target.Label.Length > 0) page.Pair("label", VisibleText.Of(target.Label));
        page.Pair("uuid", $"{geometry.Uuid}");
        string size = ByteText.Of(geometry.DataLength);
        page.Pair("size", $"{size}: {geometry.DataBlocks} blocks of {geometry.BlockSize} bytes");
        page.Pair("groups", $"{geometry.AgCount}, of {geometry.AgBlocks} blocks");
        page.Pair("sector", $"{geometry.SectorSize} bytes");
        page.Pair("inode", $"{geometry.InodeSize} bytes");
        page.Pair("directory block", $"{geometry.DirectoryBlockSize} bytes");
        if (geometry.StripeUnit > 0) page.Pair("stripe", $"{geometry.StripeUnit} blocks, width {geometry.StripeWidth}");
        page.Pair("features", string.Join(", ", geometry.Features.Names));
        string logSize = ByteText.Of((long)geometry.LogBlocks * geometry.BlockSize);
        page.Pair("log", $"{logSize}, {LogPlace(geometry)}");
        if (geometry.RealtimeBlocks > 0)
        {
            page.Pair("realtime", ByteText.Of((long)geometry.RealtimeBlocks * geometry.BlockSize));
        }

        page.Heading("Log");
        LogText.WriteState(page, target.Recovered.Ready);
        WriteGroups(page, geometry, groups);
        WriteLeftovers(page, target, leftovers);
        foreach (string gap in notes.Gaps) page.Text(new Styled(VisibleText.Of(gap), Tone.Bad));
        foreach (string note in notes.Notes) page.Text(VisibleText.Of(note));
    }

    /// <summary>"ok", or what is wrong.</summary>
    public static string Word(BlockFault fault)
    {
        if (fault.IsNone) return "ok";
        return fault.Wanted.Length == 0
            ? $"{fault.Field}: {fault.Found}"
            : $"{fault.Field} is {fault.Found}, wanted {fault.Wanted}";
    }

    private static void WriteLeftovers(IPage page, OpenedTarget target, Leftovers leftovers)
    {
        if (leftovers.Unlinked.Count == 0 && leftovers.CowBytes == 0) return;
        page.Heading("Left over");
        long bytes = leftovers.Unlinked.Sum(u => (long)u.Blocks) * target.Volume.Geometry.BlockSize;
        if (leftovers.Unlinked.Count > 0)
        {
            string count = ByteText.Count(leftovers.Unlinked.Count, "inode", "inodes");
            page.Pair("unlinked", $"{count}, {ByteText.Of(bytes)}: open when the filesystem stopped, in no directory");
        }

        for (int i = 0; i < Math.Min(GroupsShownMax, leftovers.Unlinked.Count); i++)
        {
            UnlinkedInode one = leftovers.Unlinked[i];
            page.Line(["                      "], $"inode {one.Number}: {one.Type.Word()} of {ByteText.Of(one.Size)}");
        }

        ReportText.WriteRest(page, leftovers.Unlinked.Count, "--json lists all", GroupsShownMax);
        if (leftovers.CowBytes > 0)
        {
            page.Pair("CoW leftovers", $"{ByteText.Of(leftovers.CowBytes)}: staged for copy-on-write, no file's");
        }
    }

    private static string LogPlace(Geometry geometry) =>
        geometry.LogStart is { } start ? $"at byte {geometry.ByteOf(start)}" : "on another device";

    private static void WriteGroups(IPage page, Geometry geometry, IReadOnlyList<GroupHealth> groups)
    {
        page.Heading("Groups");
        bool all = groups.Count <= GroupsShownMax;
        int sound = 0;
        foreach (GroupHealth group in groups)
        {
            if (group.IsSound) sound++;
            if (group.IsSound && !all) continue;
            long freeBytes = (long)(group.FreeBlocks ?? 0) * geometry.BlockSize;
            string free = group.FreeBlocks is null ? "" : $"{ByteText.Of(freeBytes)} free";
            string inodes = group.InodeCount is { } count ? $"{count} inodes, {group.FreeInodes} of them free" : "";
            string unlinked = group.UnlinkedLists > 0 ? $", {group.UnlinkedLists} unlinked lists" : "";
            Styled health = group.IsSound ? new("sound", Tone.Good) : new("damaged", Tone.Bad);
            page.Line([$"{group.Group,6}  "], health, $"  {free}  {inodes}{unlinked}");
            WriteFault(page, "superblock", group.Superblock);
            WriteFault(page, "AGF", group.Free);
            WriteFault(page, "AGI", group.Inodes);
            WriteFault(page, "AGFL", group.FreeList);
        }

        if (!all) page.Line(["  "], new Styled($"{sound} of {groups.Count} groups are sound", Tone.Good));
    }

    private static void WriteFault(IPage page, string header, BlockFault fault)
    {
        if (!fault.IsNone) page.Line(["          "], new Styled(VisibleText.Of($"{header}: {Word(fault)}"), Tone.Bad));
    }
}
