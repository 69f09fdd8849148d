// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures.Impacts;
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
        MountedInode inode = InodeAt(xfs, path);
        File.Delete(path);
        var opener = new InodeOpener(xfs);
        using SafeFileHandle opened = opener.Open(inode)!;
        byte[] content = new byte[64];
        Assert.Equal("its content", System.Text.Encoding.ASCII.GetString(
            content.AsSpan(0, RandomAccess.Read(opened, content, 0))));
        Assert.True(Flags(opened).HasFlag(DescriptorFlags.ClosedOnExec | DescriptorFlags.KeepsAccessTime));
        // Another inode that had the number before, or will have it.
        Assert.Null(opener.Open(inode with { Generation = inode.Generation + 1 }));
        using SafeFileHandle root = opener.Open(InodeAt(xfs, mount.Point))!;
        Assert.True(Flags(root).HasFlag(DescriptorFlags.ClosedOnExec));
    }

    [RootFact]
    public void What_would_wait_or_set_a_driver_off_is_not_opened_but_has_a_place()
    {
        using var scratch = new Scratch("opener-types");
        using LoopMount mount = LoopMount.Writable(XfsGeometry.Named("default").MakeFilesystem(scratch), scratch);
        using MountedXfs xfs = MountedXfs.Open(MountedTarget.Find(mount.Point, KernelRoots.Real)!);
        var opener = new InodeOpener(xfs);
        var descriptors = new DescriptorPath(xfs);
        // /dev/full, for one, is opened without a trace; a FIFO that nobody writes to would never open.
        string[] paths = [.. ((string[])["device", "fifo", "link"]).Select(name => Path.Combine(mount.Point, name))];
        ProgramRun.Require("mknod", paths[0], "c", "1", "7");
        ProgramRun.Require("mkfifo", paths[1]);
        File.CreateSymbolicLink(paths[2], "nowhere");
        foreach (string path in paths)
        {
            MountedInode inode = InodeAt(xfs, path);
            Assert.Null(opener.Open(inode));
            using SafeFileHandle place = opener.OpenAsPlace(inode.Number, inode.Generation)!;
            Assert.True(Flags(place).HasFlag(DescriptorFlags.ClosedOnExec));
            PathName? named = descriptors.Find(new(inode.Number, inode.Generation, 1));
            Assert.Equal(Path.GetFileName(path), named?.ToString());
        }
    }

    private static MountedInode InodeAt(MountedXfs xfs, string path)
    {
        ulong number = ulong.Parse(ProgramRun.Require("stat", "--format=%i", path).Text, CultureInfo.InvariantCulture);
        return new MountedInodes(xfs).Find(number)!.Value;
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
