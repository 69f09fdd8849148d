// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Failures;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Testing.Oracle;

/// <summary>All that the kernel says of a filesystem through a mount, in lists to be kept beside an image.</summary>
/// <param name="Fsmap">Every row of FS_IOC_GETFSMAP, in its order.</param>
/// <param name="Bmap">XFS_IOC_GETBMAPX of every regular file and directory that is not realtime.</param>
/// <param name="Inodes">Every inode, from XFS_IOC_BULKSTAT.</param>
/// <param name="Paths">What find(1) says, as it prints it: "inode path" and a NUL.</param>
public sealed record KernelAnswers(
    IReadOnlyList<FsmapRow> Fsmap, IReadOnlyList<FsmapRow> Bmap, IReadOnlyList<InodeStat> Inodes, byte[] Paths)
{
    private const string FsmapName = ".fsmap.tsv";
    private const string BmapName = ".bmap.tsv";
    private const string InodesName = ".inodes.tsv";
    private const string PathsName = ".paths";

    /// <summary>
    /// Asks a mount that nothing else has been done with: a walk of it may already change what GETFSMAP sees.
    /// </summary>
    /// <param name="mountPoint">Where it is mounted, best read-only.</param>
    /// <param name="roleOf">Which of its devices a device number is.</param>
    public static KernelAnswers Ask(string mountPoint, Func<ulong, DeviceRole> roleOf)
    {
        using var root = new Tree(mountPoint);
        IReadOnlyList<FsmapRow> fsmap = Kernel.Fsmap.ReadAll(root, roleOf);
        IReadOnlyList<InodeStat> inodes = Bulkstat.ReadAll(root);
        IReadOnlyList<FsmapRow> bmap = Kernel.Bmap.ReadAll(root, inodes);
        return new(fsmap, bmap, inodes, ProgramRun.Require("find", mountPoint, "-printf", "%i %P\\0").Output);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static KernelAnswers Load(string stem)
    {
        return new(
            [.. Lines(stem + FsmapName).Select(FsmapRow.Parse)],
            [.. Lines(stem + BmapName).Select(FsmapRow.Parse)],
            [.. Lines(stem + InodesName).Select(InodeOf)],
            Packed.Read(stem + PathsName));
    }

    /// <summary>Writes four packed files whose names begin with the stem.</summary>
    public void Save(string stem)
    {
        Packed.Write(stem + FsmapName, Text(Fsmap));
        Packed.Write(stem + BmapName, Text(Bmap));
        Packed.Write(
            stem + InodesName, Text(Inodes.Select(at => $"{at.Inode}\t{at.Mode}\t{(at.IsRealtime ? "rt" : "data")}")));
        Packed.Write(stem + PathsName, Paths);
    }

    private static string[] Lines(string path) =>
        Encoding.ASCII.GetString(Packed.Read(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static byte[] Text<T>(IEnumerable<T> lines) =>
        Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => $"{line}\n")));

    private static InodeStat InodeOf(string line)
    {
        string[] part = line.Split('\t');
        return new(
            ulong.Parse(part[0], CultureInfo.InvariantCulture), 0, ushort.Parse(part[1], CultureInfo.InvariantCulture),
            part[2] == "rt");
    }
}
