// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Content;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Tests.Log;
using Holdfast.Xfs.Tests.Oracle;
using Holdfast.Xfs.Tests.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Content;

/// <summary>
/// Goal: what `holdfast cat` and `holdfast ls` give is what read(2) and readdir(3) give after a mount, byte for byte.
/// Method: every file and directory of filesystems that were made here, and of crashed ones that the kernel has
/// recovered on a copy.
/// </summary>
public sealed class ContentEqualsKernelTests
{
    /// <summary>The workload's sparse files are petabytes of zeros; those are compared at their start.</summary>
    private const long LengthMax = 64L << 20;

    private const int PathMax = 3900;

    [RootTheory]
    [InlineData("default")]
    [InlineData("no-reflink")]
    [InlineData("block-1k")]
    [InlineData("block-16k")]
    [InlineData("block-64k")]
    [InlineData("folder-block-64k")]
    [InlineData("old-v5")]
    [InlineData("inode-2k")]
    public void Clean_filesystems(string geometry)
    {
        OracleImage image = OracleImage.Get(geometry);
        using var reader = new Reader(image);
        using var scratch = new Scratch("content-" + geometry);
        using LoopMount mount = LoopMount.ReadOnly(image.Images, scratch);
        Compare(reader.Volume, image.Paths, mount.Point);
    }

    [RootTheory]
    [InlineData("default")]
    [InlineData("bs1k")]
    [InlineData("bs64k")]
    [InlineData("noparent")]
    [InlineData("old")]
    [InlineData("logsu")]
    public void Crashed_filesystems_as_the_kernel_recovers_them(string name)
    {
        OracleImage image = OracleImage.Crashed(name);
        using var recovered = new RecoveredImage(image.Images);
        using var scratch = new Scratch("content-" + name);
        ImageSet copy = LogImage.Copy(image.Images, scratch);
        using LoopMount mount = LoopMount.ReadOnly(copy, scratch, recoverLog: true);
        Compare(recovered.Volume, image.Paths, mount.Point);
    }

    private static void Compare(XfsVolume volume, InodePaths paths, string point)
    {
        var tree = new FileTree(volume);
        var found = new List<(ulong, PathName)> { (volume.Geometry.RootInode.Value, new(default)) };
        var folders = new Stack<PathName>([new PathName(default)]);
        int compared = 0;
        while (folders.TryPop(out PathName folder))
        {
            InodeNumber inode = tree.Find(folder, out _)
                ?? throw new InvalidOperationException($"{folder}: not found");
            IReadOnlyList<FileEntry> entries = tree.List(inode, out bool isWhole);
            Assert.True(isWhole);
            foreach (FileEntry entry in entries)
            {
                PathName path = Below(folder, entry.Name);
                found.Add((entry.Inode.Value, path));
                Assert.True(entry.IsReadable, path.ToString());
                if (entry.Type == FileType.Directory) folders.Push(path);
                // .NET cannot open what is not UTF-8, and nobody a path of more than a page.
                if (!path.IsUtf8 || path.Bytes.Length >= PathMax) continue;
                if (Compare(volume, entry, new FileInfo(Path.Combine(point, path.ToString())))) compared++;
            }
        }

        Assert.Equal(paths.Lines(), InodePaths.From(found).Lines());
        Assert.True(compared > 10, $"only {compared} files were compared");
    }

    /// <returns>True where there was content to compare.</returns>
    private static bool Compare(XfsVolume volume, FileEntry entry, FileInfo there)
    {
        if (entry is { Type: FileType.Symlink, Target: { IsUtf8: true } target })
        {
            Assert.Equal(there.LinkTarget, target.ToString());
        }

        if (entry.Type != FileType.Regular) return false;
        Assert.Equal(there.Length, entry.Size);
        Assert.True(HashOf(there) == HashOf(volume, entry.Inode), there.FullName);
        return true;
    }

    private static PathName Below(PathName folder, PathName name)
    {
        if (folder.Bytes.IsEmpty) return name;
        byte[] path = [.. folder.Bytes.Span, (byte)'/', .. name.Bytes.Span];
        return new(path);
    }

    private static string HashOf(FileInfo file)
    {
        using FileStream stream = file.OpenRead();
        using var head = new HeadHash();
        try
        {
            stream.CopyTo(head, 1 << 20);
        }
        catch (OperationCanceledException)
        {
            // Enough of it.
        }

        return head.Result;
    }

    private static string HashOf(XfsVolume volume, InodeNumber inode)
    {
        using var head = new HeadHash();
        var content = new FileContent(volume);
        try
        {
            content.CopyTo(head, inode);
        }
        catch (OperationCanceledException)
        {
            // Enough of it.
        }

        Assert.Empty(content.Lost);
        return head.Result;
    }

    /// <summary>Hashes what comes first, and ends the writing after that.</summary>
    private sealed class HeadHash : MemoryStream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _taken;

        public string Result => Convert.ToHexString(_hash.GetCurrentHash());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            int taken = (int)Math.Min(buffer.Length, LengthMax - _taken);
            _hash.AppendData(buffer[..taken]);
            _taken += taken;
            if (_taken == LengthMax) throw new OperationCanceledException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        protected override void Dispose(bool disposing)
        {
            _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
