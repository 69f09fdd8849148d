// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>`holdfast locate` of what is mounted: the kernel is asked, by every name the filesystem has.</summary>
public sealed class MountedLocateTests
{
    private static readonly JsonSchema Schema = JsonSchema.Load(Checkout.PathOf("docs", "report.schema.json"));

    [RootTheory]
    [InlineData("default", 1)]
    [InlineData("no-rmapbt", 1 + 4)]
    public void A_file_is_named_by_every_name_of_its_filesystem(string geometry, int status)
    {
        using var scratch = new Scratch("locate");
        ImageSet images = XfsGeometry.Named(geometry).MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        ByteRange place = WrittenFile.Create(mount.Point, "folder/file", 1 << 20);
        string range = $"{place.Offset + 8192}+4096";
        string text = "";
        foreach (string name in (string[])[mount.Point, $"{mount.Point}/", mount.DataDevice.Path, images.Data])
        {
            ProgramRun run = Command.Run("locate", name, "--range", range, "--json");
            Assert.Equal((status, ""), (run.ExitStatus, run.Errors));
            JsonElement report = run.Json();
            Assert.Empty(Schema.Check(report));
            Assert.Equal("kernel", report.GetProperty("answered_by").GetString());
            JsonElement impact = Assert.Single(report.GetProperty("impacts").EnumerateArray());
            Assert.Equal("folder/file", impact.GetProperty("paths")[0].GetString());
            Assert.Equal(8192, impact.GetProperty("file_offset").GetInt64());
            string same = report.GetRawText().Replace($"\"{name}\"", "\"\"", StringComparison.Ordinal);
            if (text.Length == 0) text = same;
            Assert.Equal(text, same);
        }

        ProgramRun shown = Command.Run("locate", mount.Point, "--range", range);
        Assert.Contains("1 file is damaged, 4.0 KiB lost.", shown.Text, StringComparison.Ordinal);
        Assert.Contains(
            $"the filesystem is mounted at {mount.Point}: the kernel was asked", shown.Text, StringComparison.Ordinal);
        Assert.Equal(
            "folder/file", Assert.Single(Command.Run("locate", mount.Point, "--range", range, "--print").Lines()));
    }

    [RootFact]
    public void Outside_free_and_a_file_without_a_name()
    {
        using var scratch = new Scratch("locate");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        ByteRange place = WrittenFile.Create(mount.Point, "folder/file", 1 << 20);
        using (FileStream open = File.OpenRead(Path.Combine(mount.Point, "folder/file")))
        {
            File.Delete(open.Name);
            JsonElement lost = Command.Run(
                "locate", mount.Point, "--range", $"{place.Offset}+4096", "--json").Json();
            Assert.True(lost.GetProperty("complete").GetBoolean());
            JsonElement impact = Assert.Single(lost.GetProperty("impacts").EnumerateArray());
            Assert.Equal(0, impact.GetProperty("paths").GetArrayLength());
            Assert.Equal(4096, lost.GetProperty("totals").GetProperty("bytes_lost").GetInt32());
        }

        ProgramRun none = Command.Run("locate", mount.Point, "--range", "300M+4K", "--range", "1T+4K");
        Assert.Equal((0, ""), (none.ExitStatus, none.Errors));
        Assert.Contains("No file lost content.", none.Text, StringComparison.Ordinal);
        Assert.Contains("outside this filesystem", none.Text, StringComparison.Ordinal);
    }

    [RootFact]
    public void Who_is_not_root_learns_that_nothing_is_known()
    {
        using var scratch = new Scratch("locate");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        ByteRange place = WrittenFile.Create(mount.Point, "folder/file", 1 << 20);
        ProgramRun run = Command.Shell(
            scratch.Folder,
            $"setpriv --reuid=65534 --regid=65534 --clear-groups '{Command.Script}' locate {mount.Point} "
            + $"--range {place.Offset}+4096");
        Assert.Equal(4, run.ExitStatus);
        Assert.Contains("the kernel tells only root who owns what", run.Text, StringComparison.Ordinal);
        Assert.Contains("No file is known to have lost content.", run.Text, StringComparison.Ordinal);
    }

    /// <summary>C3: what has shut down is read from the device, its log recovered in memory.</summary>
    [RootFact]
    public void One_that_has_shut_down_is_read_from_the_device()
    {
        using var scratch = new Scratch("locate");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.Writable(images, scratch);
        ByteRange place = WrittenFile.Create(mount.Point, "folder/file", 1 << 20);
        using (var root = new Tree(mount.Point)) root.Crash(flushLog: true);
        ProgramRun run = Command.Run("locate", mount.Point, "--range", $"{place.Offset}+4096", "--json");
        JsonElement report = run.Json();
        Assert.Equal("device", report.GetProperty("answered_by").GetString());
        Assert.Equal("folder/file", Assert.Single(report.GetProperty("impacts").EnumerateArray())
            .GetProperty("paths")[0].GetString());
        Assert.Equal(1, run.ExitStatus);
    }
}
