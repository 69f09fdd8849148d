// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Finishing.Inodes;

/// <summary>
/// A filesystem that crashed while descriptors held inodes of every kind that had lost their last name: its log is
/// whole, and its lists of unlinked inodes are full.
/// </summary>
internal sealed class HeldInodes : IDisposable
{
    private const string Folder = "held";
    private const int Crowd = 330;
    private const int LengthsOfCrowd = 7;

    /// <summary>One block less than a chunk of inodes has, so that half a chunk fits in at its place.</summary>
    private const int Hole = 7 * 4096;

    private readonly Scratch _scratch = new("held");
    private readonly string _image;

    public HeldInodes(string arguments, int sizeMiB, bool isFragmented)
    {
        _image = _scratch.SparseFile("data.img", (long)sizeMiB << 20);
        XfsPrograms.Newer.MakeFilesystem(_image, ["--unsupported", .. arguments.Split(' ')]);
        using LoopMount mount = LoopMount.Writable(new(_image), _scratch);
        using var tree = new Tree(mount.Point);
        if (isFragmented) Fragment(tree);
        tree.MakeFolder(Folder);
        tree.MakeFolder("stays");
        Fill(tree);
        tree.Sync();
        Inodes = [.. Listed(mount.Point).OrderBy(inode => inode.Number.Value)];
        var held = new List<IDisposable>();
        try
        {
            foreach (string name in Directory.EnumerateFileSystemEntries(Path.Combine(mount.Point, Folder)))
            {
                held.Add(tree.Hold($"{Folder}/{Path.GetFileName(name)}"));
            }

            foreach (string name in Directory.GetFileSystemEntries(Path.Combine(mount.Point, Folder)))
            {
                string path = $"{Folder}/{Path.GetFileName(name)}";
                if (Path.GetFileName(name).StartsWith("folder", StringComparison.Ordinal)) tree.DeleteFolder(path);
                else tree.Delete(path);
            }

            tree.Crash(flushLog: true);
        }
        finally
        {
            foreach (IDisposable descriptor in held) descriptor.Dispose();
        }
    }

    /// <summary>What was held, by number, as stat(2) says it.</summary>
    public IReadOnlyList<UnlinkedInode> Inodes { get; }

    public Scratch Scratch => _scratch;

    public string Copy(string name)
    {
        string copy = _scratch.PathOf(name);
        ProgramRun.Require("cp", "--sparse=always", _image, copy);
        return copy;
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Files in a crowd fill whole chunks of inodes; every third of a second crowd stays, so that others
    /// keep their chunk.</summary>
    private static void Fill(Tree tree)
    {
        byte[] bytes = new byte[200_000];
        new Random(5).NextBytes(bytes);
        for (int i = 0; i < Crowd; i++)
        {
            bool stays = i > Crowd / 2 && i % 3 == 0;
            using TreeFile file = tree.OpenFile(stays ? $"stays/{i}" : $"{Folder}/crowd{i}", create: true);
            if (i % LengthsOfCrowd > 0) file.Write(0, bytes.AsSpan(0, i % LengthsOfCrowd * 3000));
        }

        Pieces(tree, bytes);
        tree.Symlink("short", $"{Folder}/symlink-short");
        tree.Symlink(new string('x', 1000), $"{Folder}/symlink-long");
        tree.MakeFifo($"{Folder}/fifo");
        tree.MakeSocket($"{Folder}/socket");
        tree.MakeDevice($"{Folder}/device", block: true, 0x0801);
        tree.MakeFolder($"{Folder}/folder");
        tree.MakeFolder($"{Folder}/folder-was-big");
        for (int i = 0; i < 300; i++) tree.Create($"{Folder}/folder-was-big/{new string('n', 40)}{i}");
        for (int i = 0; i < 300; i++) tree.Delete($"{Folder}/folder-was-big/{new string('n', 40)}{i}");
        foreach (string name in (string[])["symlink-long", "fifo", "folder", "crowd1", "pieces"])
        {
            tree.SetAttribute($"{Folder}/{name}", "trusted.small", bytes.AsSpan(0, 30));
        }

        tree.SetAttribute($"{Folder}/crowd2", "user.remote", bytes.AsSpan(0, 40_000));
        for (int i = 0; i < 400; i++)
        {
            tree.SetAttribute($"{Folder}/crowd3", $"user.{i}", bytes.AsSpan(i, 100 + i));
            if (i < 20) tree.SetAttribute($"{Folder}/crowd4", $"user.{i}", bytes.AsSpan(i, 40));
        }
    }

    private static void Pieces(Tree tree, byte[] bytes)
    {
        using TreeFile pieces = tree.OpenFile($"{Folder}/pieces", create: true);
        using TreeFile other = tree.OpenFile("stays/other", create: true);
        for (int i = 0; i < 150; i++)
        {
            pieces.Write(i * 131_072L, bytes.AsSpan(0, 65_536));
            if (i % 2 == 0) other.Write(i * 65_536L, bytes.AsSpan(0, 65_536));
            if (i % 30 == 29) tree.Sync();
        }

        pieces.Allocate(Allocation.KeepSize, 0, 24 << 20);
        using TreeFile clone = tree.OpenFile($"{Folder}/clone", create: true);
        clone.TryCloneRange(pieces, 0, 8 << 20, 0);
        clone.TryCloneRange(other, 0, 0, 16 << 20);
    }

    /// <summary>Leaves no room for a whole chunk of inodes in one piece, where chunks may be sparse.</summary>
    private static void Fragment(Tree tree)
    {
        using TreeFile fill = tree.OpenFile("fill", create: true);
        long length = 0;
        for (long step = 64 << 20; step >= 65_536; step /= 2)
        {
            while (fill.TryAllocate(Allocation.KeepSize, length, step)) length += step;
        }

        for (long at = 0; at + Hole < length; at += Hole + 8192) fill.Allocate(Allocation.PunchHole, at, Hole);

        // The filesystem's reserve is still in one piece.
        using TreeFile rest = tree.OpenFile("rest", create: true);
        for (long at = 0; at < 40 << 20; at += 1 << 20) rest.Allocate(Allocation.KeepSize, at, 1 << 20);
        tree.Sync();
    }

    private static IEnumerable<UnlinkedInode> Listed(string point)
    {
        string lines = ProgramRun.Require(
            "find", Path.Combine(point, Folder), "-mindepth", "1", "-printf", "%i %y %s\\n").Text;
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] part = line.Split(' ');
            FileType type = part[1] switch
            {
                "f" => FileType.Regular,
                "d" => FileType.Directory,
                "l" => FileType.Symlink,
                "p" => FileType.Fifo,
                "s" => FileType.Socket,
                _ => FileType.BlockDevice,
            };
            yield return new(new(ulong.Parse(part[0])), type, type == FileType.Directory ? 0 : long.Parse(part[2]), 0);
        }
    }
}
