// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>What a real kernel has mounted or holds is refused, each way that it can be named.</summary>
public sealed class InUseTests
{
    private static readonly string[] Verbs =
    [
        "info TARGET", "inode TARGET 128", "block TARGET 0",
        "domain TARGET --metadata",
    ];

    [RootFact]
    public void A_mounted_image_is_refused_by_every_name_it_has()
    {
        using var scratch = new Scratch("in-use");
        string image = scratch.SparseFile("disk.img", 320L << 20);
        ProgramRun.Require("mkfs.xfs", "-q", image);
        File.CreateSymbolicLink(scratch.PathOf("link.img"), image);
        using (LoopMount mount = LoopMount.Writable(new(image), scratch))
        {
            string loop = ProgramRun.Require("findmnt", "-no", "SOURCE", mount.Point).Text.Trim();
            foreach (string target in (string[])[image, scratch.PathOf("link.img"), loop])
            {
                foreach (string verb in Verbs)
                {
                    string command = verb.Replace("TARGET", target, StringComparison.Ordinal);
                    ProgramRun run = Command.Shell(scratch.Folder, $"holdfast {command}");
                    Assert.Equal(8, run.ExitStatus);
                    string error = run.OnlyError();
                    Assert.Contains($"{target} is mounted at {mount.Point}", error, StringComparison.Ordinal);
                    Assert.Contains($"umount {mount.Point}", error, StringComparison.Ordinal);
                }
            }
        }

        Assert.Equal(0, Command.Run("info", image).ExitStatus);
    }

    /// <summary>C12: read all the same, it is said to be older than what the kernel has, by every verb.</summary>
    [RootFact]
    public void What_is_read_all_the_same_is_never_complete()
    {
        using var scratch = new Scratch("in-use");
        string image = scratch.SparseFile("disk.img", 320L << 20);
        ProgramRun.Require("mkfs.xfs", "-q", image);
        using LoopMount mount = LoopMount.Writable(new(image), scratch);
        string[] all = [.. Verbs, "locate TARGET --range 0+1", "map TARGET", "log TARGET", "ls TARGET"];
        foreach (string verb in all)
        {
            string command = verb.Replace("TARGET", image, StringComparison.Ordinal);
            ProgramRun run = Command.Shell(scratch.Folder, $"holdfast {command} --parse-mounted");
            Assert.True((run.ExitStatus & ~3) == 4, $"{command}: {run.ExitStatus} {run.Errors}");
            Assert.Contains($"holdfast: warning: {image} is mounted at ", run.Errors, StringComparison.Ordinal);
        }
    }

    [RootFact]
    public void A_read_only_mount_is_refused_too()
    {
        using var scratch = new Scratch("in-use");
        string image = scratch.SparseFile("disk.img", 320L << 20);
        ProgramRun.Require("mkfs.xfs", "-q", image);
        using LoopMount mount = LoopMount.ReadOnly(new(image), scratch);
        Assert.Contains(" is mounted at ", Command.Run("info", image).OnlyError(), StringComparison.Ordinal);
    }

    [RootFact]
    public void A_device_mounted_in_another_namespace_is_held()
    {
        using var scratch = new Scratch("in-use");
        string image = scratch.SparseFile("disk.img", 320L << 20);
        ProgramRun.Require("mkfs.xfs", "-q", image);
        using LoopDevice loop = LoopDevice.Attach(image, readOnly: false);
        Directory.CreateDirectory(scratch.PathOf("mnt"));
        // The mount is made where only the inner shell sees it; the question is asked from outside.
        string script = $"unshare -m --propagation private sh -c 'mount {loop.Path} mnt && echo up && read _' < wait & "
            + $"exec 3> wait; sleep 1; for t in {loop.Path} disk.img; do holdfast info $t; echo $?; done; "
            + "exec 3>&-; wait";
        ProgramRun run = Command.Shell(scratch.Folder, $"mkfifo wait && {{ {script}; }}");
        Assert.Equal("up\n8\n8\n", run.Text);
        string[] errors = run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, errors.Length);
        Assert.All(errors, e => Assert.Contains("is held exclusively", e, StringComparison.Ordinal));
    }

    [RootFact(Needs.MountedXfs)]
    public void An_image_under_an_idle_loop_device_is_read()
    {
        using var scratch = new Scratch("in-use");
        string image = scratch.SparseFile("disk.img", 320L << 20);
        ProgramRun.Require("mkfs.xfs", "-q", image);
        using LoopDevice loop = LoopDevice.Attach(image, readOnly: false);
        Assert.Equal(0, Command.Run("info", image).ExitStatus);
        Assert.Equal(0, Command.Run("info", loop.Path).ExitStatus);
    }
}
