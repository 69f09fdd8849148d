// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Tests.Mounted;

/// <summary>Goal: an inode is opened without its name, and by no program that is started meanwhile.</summary>
public sealed class InodeOpenerTests
{
    [RootFact]
    public void A_file_without_a_name_is_opened_for_this_process_alone()
    {
        using var scratch = new Scratch("opener");
        using LoopMount mount = LoopMount.Writable(XfsGeometry.Named("default").MakeFilesystem(scratch), scratch);
        string path = Path.Combine(mount.Point, "file");
        File.WriteAllText(path, "its content");
        using var held = new FileStream(path, FileMode.Open);
        using MountedXfs xfs = MountedXfs.Open(MountedTarget.Find(mount.Point, KernelRoots.Real)!);
        ulong number = ulong.Parse(ProgramRun.Require("stat", "--format=%i", path).Text, CultureInfo.InvariantCulture);
        uint generation = new MountedInodes(xfs).Find(number)!.Value.Generation;
        File.Delete(path);
        var opener = new InodeOpener(xfs);
        using SafeFileHandle opened = opener.Open(number, generation)!;
        byte[] content = new byte[64];
        Assert.Equal("its content", System.Text.Encoding.ASCII.GetString(
            content.AsSpan(0, RandomAccess.Read(opened, content, 0))));
        Assert.True(Flags(opened).HasFlag(DescriptorFlags.ClosedOnExec | DescriptorFlags.KeepsAccessTime));
        // Another inode that had the number before, or will have it.
        Assert.Null(opener.Open(number, generation + 1));
        var inodes = new MountedInodes(xfs);
        ulong folder = inodes.Root();
        using SafeFileHandle root = opener.Open(folder, inodes.Find(folder)!.Value.Generation)!;
        Assert.True(Flags(root).HasFlag(DescriptorFlags.ClosedOnExec));
    }

    [Flags]
    private enum DescriptorFlags
    {
        KeepsAccessTime = 0x40000,
        ClosedOnExec = 0x80000,
    }

    private static DescriptorFlags Flags(SafeFileHandle handle)
    {
        string[] lines = File.ReadAllLines($"/proc/self/fdinfo/{handle.DangerousGetHandle()}");
        string flags = lines.First(line => line.StartsWith("flags:", StringComparison.Ordinal))[6..].Trim();
        return (DescriptorFlags)Convert.ToInt32(flags, 8);
    }
}
