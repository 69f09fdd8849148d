// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Damage;

/// <summary>One locate question, put to a sound image and to damaged ones.</summary>
internal static class Question
{
    /// <summary>Null where no superblock can be believed.</summary>
    public static LocateAnswer? Ask(IBlockSource source, ByteRangeSet bad, bool useRmapbt)
    {
        var distrusting = new DistrustingBlockSource(source, bad);
        XfsVolume? volume = XfsVolume.Open(distrusting, out BlockFault _);
        return volume is null ? null : new Locator(volume, useRmapbt).Locate(bad);
    }

    /// <summary>What the answer says of the bytes in <paramref name="scope"/>, a line each.</summary>
    public static List<string> Lines(LocateAnswer answer, ByteRangeSet scope) =>
    [
        .. answer.Impacts.Where(i => scope.Overlaps(i.Physical, i.Length)).Select(Line).Order(StringComparer.Ordinal),
    ];

    private static string Line(Impact i) =>
        $"{i.Owner} {i.Physical}+{i.Length} {i.Severity} {i.Structure} inode {i.Inode} {i.Fork} at {i.FileOffset} "
        + $"size {i.FileSize} lost {i.LostBytes} {(i.Shared ? "shared " : "")}{(i.Unwritten ? "unwritten " : "")}"
        + $"[{string.Join('|', i.Paths)}] mappings [{string.Join('|', i.LostMappings)}] entries "
        + $"[{string.Join('|', i.LostEntries.Select(e => $"{e.Inode}:{e.Name}"))}] inodes "
        + $"[{string.Join('|', i.LostInodes.Select(l => $"{l.Inode}:{string.Join(',', l.Paths)}:{string.Join(',',
            l.UnreachableRanges)}"))}]";
}
