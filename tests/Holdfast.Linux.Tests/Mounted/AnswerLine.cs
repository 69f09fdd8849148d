// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Tests.Mounted;

/// <summary>An impact as a line that a mounted and an unmounted filesystem must have alike.</summary>
internal static class AnswerLine
{
    /// <summary>All that both can know: what the kernel does not say is compared by the tests themselves.</summary>
    internal static string Of(Impact impact)
    {
        var line = new StringBuilder();
        line.Append($"{impact.Device} {impact.Physical}+{impact.Length} {impact.Owner} {SeverityOf(impact)} ");
        line.Append($"{impact.Inode} {impact.FileType} {impact.Fork} {impact.FileOffset} {impact.FileSize} ");
        line.Append($"{impact.Shared} {impact.Unwritten} {impact.BeyondEof} {impact.BlockMap} {impact.LostBytes} ");
        line.Append($"{WordOf(impact)}: {string.Join('|', impact.Paths)}");
        line.Append($"; {string.Join(',', impact.LostInodes.Select(lost => lost.Inode))}");
        foreach (LostInode lost in impact.LostInodes.Where(lost => lost.RangesKnown))
        {
            line.Append($" {string.Join(',', lost.UnreachableRanges)}");
        }

        // Orphans stand once, names as often as there are.
        line.Append("; ");
        line.AppendJoin(',', impact.LostEntries.Select(lost => $"{lost.Inode} {lost.FileType}").Distinct().Order());
        return line.ToString();
    }

    /// <summary>The kernel names a group's btrees together, and does not tell a spare block from them.</summary>
    private static bool IsOneOfSeveral(Impact impact) =>
        impact.Owner is OwnerKind.Ag or OwnerKind.InodeBtree or OwnerKind.RefcountBtree;

    private static string SeverityOf(Impact impact) => IsOneOfSeveral(impact) ? "" : impact.Severity.ToString();

    private static string? WordOf(Impact impact) =>
        IsOneOfSeveral(impact) || impact.Fork == ForkKind.Attribute ? "" : $"{impact.Structure} {impact.Cost}";
}
