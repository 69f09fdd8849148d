// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>`holdfast map` of what is mounted: the kernel is asked, by every name the filesystem has.</summary>
public sealed class MountedMapTests
{
    [RootFact]
    public void The_rows_are_the_kernels_by_every_name()
    {
        using var scratch = new Scratch("map");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        File.WriteAllBytes(Path.Combine(mount.Point, "file"), new byte[1 << 20]);
        Directory.CreateDirectory(Path.Combine(mount.Point, "folder"));
        using var root = new Tree(mount.Point);
        root.Sync();
        IReadOnlyList<FsmapRow> wanted = Fsmap.ReadAll(root, mount.RoleOf);
        foreach (string name in (string[])[mount.Point, $"{mount.Point}/", mount.DataDevice.Path, images.Data])
        {
            ProgramRun run = Command.Run("map", name, "--json");
            Assert.Equal((0, ""), (run.ExitStatus, run.Errors));
            Same.Lines(name, wanted, run.Lines().Select(RowOf));
        }

        // A folder of it is no filesystem.
        string inside = Path.Combine(mount.Point, "folder");
        ProgramRun folder = Command.Run("map", inside);
        Assert.Equal(8, folder.ExitStatus);
        Assert.StartsWith($"holdfast: {inside} is a folder: ", folder.OnlyError(), StringComparison.Ordinal);
    }

    [RootFact]
    public void Without_an_rmapbt_an_index_is_built_and_said_to_be_one()
    {
        using var scratch = new Scratch("map");
        ImageSet images = XfsGeometry.Named("no-rmapbt").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        File.WriteAllBytes(Path.Combine(mount.Point, "file"), new byte[1 << 20]);
        using var root = new Tree(mount.Point);
        root.Sync();
        IReadOnlyList<FsmapRow> kernel = Fsmap.ReadAll(root, mount.RoleOf);
        ProgramRun bare = Command.Run("map", mount.Point, "--json", "--kernel-rows");
        Assert.Equal((0, ""), (bare.ExitStatus, bare.Errors));
        Same.Lines("bare", kernel, bare.Lines().Select(RowOf));

        ProgramRun built = Command.Run("map", mount.Point, "--json");
        Assert.Equal(4, built.ExitStatus);
        Assert.Contains("has no rmapbt", Said(built), StringComparison.Ordinal);
        FsmapRow[] rows = [.. built.Lines().Select(RowOf)];
        Same.Lines("used and free", FsmapRows.UsedAndFree(kernel), FsmapRows.UsedAndFree(rows));
        FsmapRow file = Assert.Single(rows, row => row.IsInode && row.Length == 1 << 20);
        Assert.Equal(new FileInfo(Path.Combine(mount.Point, "file")).Length, file.Length);
    }

    [RootFact]
    public void What_makes_no_sense_for_a_mounted_one_is_said()
    {
        using var scratch = new Scratch("map");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using (LoopMount mount = LoopMount.Writable(images, scratch))
        {
            ProgramRun view = Command.Run("map", mount.Point, "--view", "disk");
            Assert.Equal(16, view.ExitStatus);
            Assert.Contains(" is mounted, and the kernel answers for it", view.OnlyError(), StringComparison.Ordinal);
            ProgramRun parsed = Command.Run("map", mount.Point, "--parse-mounted");
            Assert.Equal(4, parsed.ExitStatus);
            Assert.Contains("holdfast: warning: ", parsed.Errors, StringComparison.Ordinal);
            Assert.Contains("incomplete: the device is in use", parsed.Errors, StringComparison.Ordinal);
        }

        ProgramRun unmounted = Command.Run("map", images.Data, "--kernel-rows");
        Assert.Equal((16, "holdfast: --kernel-rows: it is not mounted"), (unmounted.ExitStatus, unmounted.OnlyError()));
    }

    /// <summary>C3: a norecovery mount knows nothing of what is only in its log.</summary>
    [RootFact]
    public void A_norecovery_mount_is_incomplete()
    {
        using var scratch = new Scratch("map");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopDevice loop = LoopDevice.Attach(images.Data, readOnly: true);
        string point = scratch.PathOf("point");
        Directory.CreateDirectory(point);
        ProgramRun.Require("mount", "-t", "xfs", "-o", "ro,norecovery", loop.Path, point);
        try
        {
            ProgramRun run = Command.Run("map", point);
            Assert.Equal(4, run.ExitStatus);
            Assert.Contains("mounted norecovery", Said(run), StringComparison.Ordinal);
        }
        finally
        {
            ProgramRun.Require("umount", point);
        }
    }

    /// <summary>C3: what has shut down is read from the device, its log recovered in memory.</summary>
    [RootTheory]
    [InlineData("default")]
    [InlineData("external-log")]
    public void One_that_has_shut_down_is_read_from_the_device(string geometry)
    {
        using var scratch = new Scratch("map");
        ImageSet images = XfsGeometry.Named(geometry).MakeFilesystem(scratch);
        string[] found;
        using (LoopMount mount = LoopMount.Writable(images, scratch))
        {
            using (var root = new Tree(mount.Point))
            {
                root.Create("file");
                root.MakeFolder("folder");
                root.Crash(flushLog: true);
            }

            ProgramRun run = Command.Run("map", mount.Point, "--json");
            Assert.Equal(0, run.ExitStatus);
            Assert.Contains("has shut down: it was read from the device", run.Errors, StringComparison.Ordinal);
            Assert.Contains("the log was recovered in memory", run.Errors, StringComparison.Ordinal);
            found = run.Lines();
            Assert.Equal(found, Command.Run("map", mount.DataDevice.Path, "--json").Lines());
        }

        using LoopMount again = LoopMount.ReadOnly(images, scratch, recoverLog: true);
        using var after = new Tree(again.Point);
        Same.Lines(
            geometry, FsmapRows.DataFirst(Fsmap.ReadAll(after, again.RoleOf)), found.Select(RowOf));
    }

    [RootFact]
    public void Who_is_not_root_is_told_that_the_kernel_does_not_tell()
    {
        using var scratch = new Scratch("map");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        ProgramRun run = Command.Shell(
            scratch.Folder,
            $"setpriv --reuid=65534 --regid=65534 --clear-groups '{Command.Script}' map {mount.Point}");
        Assert.Equal(4, run.ExitStatus);
        Assert.Contains("the kernel tells only root who owns what", Said(run), StringComparison.Ordinal);
    }

    private static FsmapRow RowOf(string line) => MapCommandTests.RowOf(JsonDocument.Parse(line).RootElement);

    /// <summary>The one line on stderr beside an answer.</summary>
    private static string Said(ProgramRun run) =>
        Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
}
