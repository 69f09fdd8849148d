// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Xfs.Tests.Damage;

/// <summary>
/// A filesystem of a few hundred metadata blocks that has every structure once: each of its blocks can be damaged in
/// turn in reasonable time.
/// </summary>
internal static class SmallFilesystem
{
    private const int BlockSize = 4096;

    /// <returns>The path of the image.</returns>
    public static ImageSet Make(string geometry, Scratch scratch)
    {
        ImageSet images = XfsGeometry.Named(geometry).MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        Fill(mount.Point);
        return images;
    }

    private static void Fill(string root)
    {
        Directory.CreateDirectory($"{root}/many/deep/deeper");
        for (int i = 0; i < 300; i++)
        {
            File.WriteAllText($"{root}/many/a file with a rather long name, number {i:0000}", $"content {i}");
        }

        for (int i = 0; i < 8; i++) File.WriteAllBytes($"{root}/many/deep/deeper/{i}", new byte[BlockSize * (i + 1)]);
        using (FileStream fragmented = File.Create($"{root}/fragmented"))
        {
            for (int i = 0; i < 700; i++)
            {
                fragmented.Position = (long)i * 2 * BlockSize;
                fragmented.Write(new byte[BlockSize]);
            }

            fragmented.Flush(flushToDisk: true);
        }

        File.CreateSymbolicLink($"{root}/link", new string('t', 900));
        using (var tree = new Tree(root))
        {
            tree.Link("fragmented", "second name of fragmented");
            for (int i = 0; i < 80; i++) tree.SetAttribute("fragmented", $"user.attribute-{i}", new byte[100]);
            tree.SetAttribute("fragmented", "user.long", new byte[20_000]);
            tree.Sync();
        }

        ProgramRun.Require("cp", "--reflink=auto", $"{root}/many/deep/deeper/7", $"{root}/clone");
    }
}
