// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Finishing.Attributes;
using Holdfast.Xfs.OnDisk;
using Xunit;

namespace Holdfast.Xfs.Tests.Finishing.Attributes;

/// <summary>
/// Attributes set, replaced and removed at random, read back after each step and compared with a model; the filesystem
/// that comes of it is one that xfs_repair has nothing against, and the kernel reads the same attributes from it.
/// </summary>
public sealed class AttributeModelTests
{
    private static readonly AttributeBits[] Spaces = [AttributeBits.None, AttributeBits.Root, AttributeBits.Secure];

    [RootTheory]
    [InlineData("default", 1, 400)]
    [InlineData("block-1k", 2, 700)]
    [InlineData("inode-2k", 3, 500)]
    [InlineData("block-64k", 6, 300)]
    [InlineData("no-rmapbt", 7, 300)]
    [InlineData("block-1k", 5, 700)]
    public void Random_changes_are_what_is_read_back(string geometry, int seed, int steps)
    {
        using var scratch = new Scratch("attribute-model");
        ImageSet images = XfsGeometry.Named(geometry).MakeFilesystem(scratch);
        ulong inode = MakeFile(images, scratch);
        using var bench = new AttributeBench(images.Data);
        var model = bench.Read(new(inode));
        var random = new Random(seed);
        for (int step = 0; step < steps; step++)
        {
            (AttributeOperationKind kind, AttributeBits space, byte[] name, byte[] value) = Next(random, step);
            string key = AttributeBench.Key(space, name, value);
            bench.Run(kind, new(inode), space, name, value);
            if (kind == AttributeOperationKind.Remove) model.Remove(key);
            else model[key] = AttributeBench.Text(value);
            string what = $"{geometry}, seed {seed}, step {step}: {kind} {key}";
            Same.Lines(what, model, bench.Read(new(inode)));
        }

        string copy = scratch.PathOf("copy.img");
        ProgramRun.Require("cp", "--sparse=always", images.Data, copy);
        bench.WriteTo(copy);
        FreeBlockCount.PutRight(bench.Reopen(), copy);
        ProgramRun check = XfsPrograms.System.Check(copy);
        Assert.True(check.ExitStatus == 0, check.Text + check.Errors);
        using LoopMount mount = LoopMount.ReadOnly(new(copy), scratch);
        Same.Lines(geometry, KernelsAttributes(Path.Combine(mount.Point, "file")), model);
    }

    /// <summary>As getfattr tells them, in the model's words.</summary>
    private static SortedDictionary<string, string> KernelsAttributes(string path)
    {
        string text = ProgramRun.Require("getfattr", "--absolute-names", "-d", "-m", "-", "-e", "hex", path).Text;
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            string[] part = line.Split('=', 2);
            byte[] value = part.Length == 1 ? [] : Convert.FromHexString(part[1]["0x".Length..]);
            string[] name = part[0].Split('.', 2);
            AttributeBits space = name[0] switch
            {
                "trusted" => AttributeBits.Root,
                "security" => AttributeBits.Secure,
                _ => AttributeBits.None,
            };
            found.Add(AttributeBench.Key(space, Encoding.ASCII.GetBytes(name[1]), value), AttributeBench.Text(value));
        }

        return found;
    }

    private static (AttributeOperationKind Kind, AttributeBits Space, byte[] Name, byte[] Value) Next(
        Random random, int step)
    {
        // Names come back, so that there is something to replace; the set of them grows and shrinks in waves.
        bool shrinks = step / 60 % 3 == 2;
        AttributeOperationKind kind = random.Next(10) < (shrinks ? 8 : 2)
            ? AttributeOperationKind.Remove
            : random.Next(2) == 0 ? AttributeOperationKind.Set : AttributeOperationKind.Replace;
        int number = random.Next(60);
        var named = new Random(number * 7919);
        byte[] name = new byte[named.Next(4) == 0 ? named.Next(1, 256) : named.Next(1, 24)];
        for (int i = 0; i < name.Length; i++) name[i] = (byte)named.Next('a', 'z' + 1);
        byte[] value = kind == AttributeOperationKind.Remove ? [] : new byte[Length(random)];
        random.NextBytes(value);
        return (kind, Spaces[number % Spaces.Length], name, value);
    }

    private static int Length(Random random) => random.Next(8) switch
    {
        0 => 0,
        1 => random.Next(65537),
        2 => random.Next(4000),
        3 => random.Next(1000),
        _ => random.Next(100),
    };

    private static ulong MakeFile(ImageSet images, Scratch scratch)
    {
        using LoopMount mount = LoopMount.Writable(images, scratch);
        using var tree = new Tree(mount.Point);
        tree.Create("file");
        tree.SetAttribute("file", "user.first", [1, 2, 3]);
        return Bulkstat.ReadAll(tree).Single(inode => inode.IsRegular).Inode;
    }
}
