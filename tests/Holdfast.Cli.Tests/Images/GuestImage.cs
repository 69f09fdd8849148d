// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Images;

/// <summary>Filesystems within files of filesystems, made by mkfs and filled while they are mounted.</summary>
internal static class GuestImage
{
    private const long MiB = 1 << 20;

    public static LoopMount Mount(string image, Scratch scratch) => LoopMount.Writable(new(image), scratch);

    /// <summary>An empty XFS in an image file of a folder, which has holes and lies in pieces.</summary>
    public static string Make(string folder, string name, long length, string arguments)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Fragment(path, length);
        MakeFilesystem(path, arguments);
        return path;
    }

    /// <summary>Discarding would make a hole of all of it.</summary>
    public static void MakeFilesystem(string path, string arguments) =>
        ProgramRun.Require("mkfs.xfs", ["-q", "-K", .. arguments.Split(' '), path]);

    /// <summary>A file of holes and pieces, because another one grew at the same time.</summary>
    public static void Fragment(string path, long length)
    {
        using (FileStream file = new(path, FileMode.CreateNew)) file.SetLength(length);
        for (int i = 0; i < 12; i++)
        {
            ProgramRun.Require("fallocate", "--offset", $"{i * 3 * MiB / 2}", "--length", $"{MiB}", path);
            ProgramRun.Require("fallocate", "--offset", $"{i * 65536}", "--length", "65536", path + ".other");
        }
    }

    /// <summary>A tree with something of everything: folders, links, attributes, many extents.</summary>
    public static void Fill(string point, int seed)
    {
        using var root = new Tree(point);
        var random = new Random(seed);
        byte[] bytes = new byte[20_000];
        foreach (string folder in (string[])["docs", "mail", "docs/deep"])
        {
            root.MakeFolder(folder);
            for (int i = 0; i < 40; i++)
            {
                random.NextBytes(bytes);
                using TreeFile file = root.OpenFile($"{folder}/message-{i:d3}", create: true);
                file.Write(0, bytes.AsSpan(0, random.Next(bytes.Length)));
            }
        }

        for (int i = 0; i < 120; i++) root.Create($"mail/an-empty-one-with-a-long-name-{i:d4}");
        root.Link("docs/message-001", "mail/the same again");
        root.SetAttribute("docs/message-002", "user.note", new byte[9000]);
        using (TreeFile sparse = root.OpenFile("sparse", create: true))
        using (TreeFile between = root.OpenFile("between", create: true))
        {
            for (int i = 0; i < 60; i++)
            {
                sparse.Write(i * 16384L, bytes.AsSpan(0, 4096));
                sparse.Flush();
                between.Write(i * 4096L, bytes.AsSpan(0, 4096));
                between.Flush();
            }
        }

        root.Sync();
    }

    /// <summary>Where the kernel has the bytes of a file on its device, written ones only.</summary>
    public static IReadOnlyList<FsmapRow> RowsOf(LoopMount mount, string name)
    {
        using var root = new Tree(mount.Point);
        root.Sync();
        ulong inode = ulong.Parse(
            ProgramRun.Require("stat", "-c", "%i", Path.Combine(mount.Point, name)).Text.Trim());
        return
        [
            .. Bmap.ReadAll(root, Bulkstat.ReadAll(root).Where(at => at.Inode == inode))
                .Where(at => at is { Unwritten: false, Fork: Failures.Impacts.ForkKind.Data }).OrderBy(at => at.Offset),
        ];
    }

    /// <summary>The bytes of the device that bytes of a file are; those in holes are nowhere.</summary>
    public static ByteRangeSet Down(IReadOnlyList<FsmapRow> rows, ByteRangeSet inFile) => ByteRangeSet.From(
        rows.SelectMany(row => inFile.Within(new(row.Offset, row.Length))
            .Select(at => new ByteRange(row.Physical + (at.Offset - row.Offset), at.Length))));

    /// <summary>What the kernel says is in use on a filesystem, by ranges.</summary>
    public static IReadOnlyList<FsmapRow> InUse(LoopMount mount)
    {
        using var root = new Tree(mount.Point);
        root.Sync();
        return [.. Fsmap.ReadAll(root, mount.RoleOf).Where(at => at.Owner != Failures.Impacts.OwnerKind.Free)];
    }
}
