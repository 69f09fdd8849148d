// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Failures.Lists;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>
/// Goal: `scan --allocated` reads what a filesystem has in use and nothing else, mounted or not; `--verify-media` says
/// that this kernel cannot. Method: the kernel's own map beside it, and bad sectors in a file and in free space.
/// </summary>
public sealed class AllocatedScanTests(CrashedImage crashed) : IClassFixture<CrashedImage>
{
    private const int Page = 4096;

    [RootTheory(Needs.MountedXfs | Needs.Xfsprogs, FailingImage.Program)]
    [InlineData("rmapbt")]
    [InlineData("no-rmapbt")]
    public void Only_what_is_in_use_is_read_mounted_or_not(string geometry)
    {
        using var scratch = new Scratch("allocated");
        ImageSet good = XfsGeometry.Named(geometry == "rmapbt" ? "default" : geometry).MakeFilesystem(scratch);
        ByteRange file;
        ByteRangeSet free;
        using (LoopMount mount = LoopMount.Writable(good, scratch))
        {
            file = WrittenFile.Create(mount.Point, "folder/file", 1 << 20, fill: 7);
        }

        using (LoopMount mount = LoopMount.ReadOnly(good, scratch))
        {
            using var root = new Tree(mount.Point);
            free = ByteRangeSet.From(Fsmap.ReadAll(root, mount.RoleOf)
                .Where(row => row is { Device: DeviceRole.Data, Owner: OwnerKind.Free })
                .Select(row => new ByteRange(row.Physical, row.Length)));
        }

        ByteRange bad = new(file.Offset + (3 * Page), Page);
        ByteRange harmless = new(free[^1].Offset + (free[^1].Length / 2 / Page * Page), Page);
        ByteRange[] both = [bad, harmless];
        using var failing = new FailingImage(
            good.Data, scratch, both.SelectMany(at => FailingImage.SectorsOf(at.Offset, Page)));
        var images = new ImageSet(failing.Path);
        long size = new FileInfo(good.Data).Length;
        using (LoopDevice loop = LoopDevice.Attach(failing.Path, readOnly: true))
        {
            Check(loop.Path, bad, size, free, scratch.PathOf("unmounted.map"));
        }

        using (LoopMount mount = LoopMount.ReadOnly(images, scratch))
        {
            Check(mount.Point, bad, size, free, scratch.PathOf("mounted.map"));
        }
    }

    /// <summary>What is in use of one that was not unmounted is known once its log is recovered.</summary>
    [Fact]
    public void Of_a_crashed_one_the_log_is_recovered_first()
    {
        JsonElement domain = Command.Run("domain", crashed.Image, "--allocated", "--json").Json();
        ProgramRun run = Command.Run("scan", crashed.Image, "--allocated", "--json");
        Assert.Equal(0, run.ExitStatus);
        Assert.Contains("the log was recovered in memory", run.Errors, StringComparison.Ordinal);
        Assert.Equal(domain.GetProperty("bytes").GetInt64(), run.Json().GetProperty("wanted_bytes").GetInt64());
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs)]
    public void A_kernel_that_cannot_verify_is_said_to_be_one()
    {
        using var scratch = new Scratch("verify");
        ImageSet images = XfsGeometry.Named("default").MakeFilesystem(scratch);
        using LoopMount mount = LoopMount.ReadOnly(images, scratch);
        ProgramRun run = Command.Run("scan", mount.Point, "--verify-media", "--json");
        // A kernel that has it answers; none of those here does.
        if (run.ExitStatus == 0) return;
        Assert.Equal(8, run.ExitStatus);
        Assert.Contains("XFS_IOC_VERIFY_MEDIA", run.OnlyError(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, "is no XFS that is mounted", "--verify-media")]
    [InlineData(16, "--tell-filesystem is for --verify-media", "--tell-filesystem")]
    [InlineData(16, "--volume is for --allocated", "--volume", "p1")]
    [InlineData(8, "no XFS", "--allocated")]
    [InlineData(16, "--max-latency 0", "--max-latency", "0")]
    public void What_makes_no_sense_is_said(int status, string part, params string[] options)
    {
        using var scratch = new Scratch("allocated");
        ProgramRun run = Command.Run(["scan", scratch.SparseFile("disk.img", 1 << 20), .. options]);
        Assert.Equal(status, run.ExitStatus);
        Assert.Contains(part, run.OnlyError(), StringComparison.Ordinal);
    }

    private static void Check(string target, ByteRange bad, long size, ByteRangeSet free, string map)
    {
        ProgramRun run = Command.Run("scan", target, "--allocated", "--json", "--mapfile", map);
        JsonElement report = run.Json();
        JsonElement found = Assert.Single(report.GetProperty("bad").EnumerateArray());
        Assert.Equal(
            bad, new ByteRange(found.GetProperty("offset").GetInt64(), found.GetProperty("length").GetInt64()));
        Assert.Equal(size - free.TotalLength, report.GetProperty("wanted_bytes").GetInt64());
        Assert.True(report.GetProperty("complete").GetBoolean());
        using FileStream stream = File.OpenRead(map);
        Assert.Equal(free, Mapfile.Read(stream).Where(MapfileStatuses.NonTried));
    }
}
