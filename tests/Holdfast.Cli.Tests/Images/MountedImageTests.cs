// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Images;

/// <summary>
/// Goal: into images of a filesystem that is mounted, whoever else has them. Method: a guest that nobody has open, one
/// that a process or a loop device has open for writing, one that is mounted, one that has shut down.
/// </summary>
public sealed class MountedImageTests : IDisposable
{
    private const long MiB = 1 << 20;
    private readonly Scratch _scratch = new("images");
    private readonly LoopMount _host;
    private readonly string _image;
    private readonly ByteRange _written;
    private readonly ByteRangeSet _lost;
    private readonly ByteRangeSet _bad;

    public MountedImageTests()
    {
        string disk = _scratch.SparseFile("host.img", 700 * MiB);
        GuestImage.MakeFilesystem(disk, "-m rmapbt=1");
        _host = GuestImage.Mount(disk, _scratch);
        _image = GuestImage.Make(_host.Point, "vm/guest.img", 320 * MiB, "-m rmapbt=1");
        using (LoopMount guest = GuestImage.Mount(_image, _scratch))
        {
            _written = WrittenFile.Create(guest.Point, "docs/thesis", 65536, 7);
        }

        _lost = ByteRangeSet.From([new(_written.Offset + 8192, 4096)]);
        _bad = GuestImage.Down(GuestImage.RowsOf(_host, "vm/guest.img"), _lost);
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void One_that_nobody_has_open_is_read_through_the_kernel()
    {
        string wanted = ImageLocate.Text(ImageLocate.Alone(_image, _lost));
        // So old that whoever reads it without care makes it new.
        ProgramRun.Require("touch", "-a", "-d", "3 days ago", _image);
        string before = TimesOf(_image);
        ImageReport image = Assert.Single(ImageLocate.IntoImagesOfMounted(_host.Point, _bad).Images!);
        Assert.Equal(wanted, ImageLocate.Text(image.Report));
        Assert.Equal("docs/thesis", Assert.Single(image.Report.Totals.Files).Paths[0].ToString());
        Assert.True(image.Report.IsComplete);
        Assert.Equal(before, TimesOf(_image));
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate", "python3")]
    public void One_that_somebody_writes_to_is_said_to_be_read_beside_it()
    {
        using (FileHolder reader = FileHolder.Start(_image))
        {
            Assert.True(Only().IsComplete, "who only reads changes nothing");
        }

        using (FileHolder writer = FileHolder.Start(_image, writes: true))
        {
            LocateReport report = Only();
            Assert.False(report.IsComplete);
            Assert.Contains($"(process {writer.Id})", Assert.Single(report.Gaps), StringComparison.Ordinal);
            Assert.Equal("docs/thesis", Assert.Single(report.Totals.Files).Paths[0].ToString());
        }

        using (FileHolder mapper = FileHolder.Start(_image, map: "0,4", writes: true, closes: true))
        {
            Assert.Contains($"(process {mapper.Id})", Assert.Single(Only().Gaps), StringComparison.Ordinal);
        }

        using (LoopDevice loop = LoopDevice.Attach(_image, readOnly: false))
        {
            Assert.Contains(loop.Path, Assert.Single(Only().Gaps), StringComparison.Ordinal);
        }

        using (LoopDevice.Attach(_image, readOnly: true)) Assert.True(Only().IsComplete);
    }

    /// <summary>What the guest has in memory only is known to the kernel, and to nobody who reads the image.</summary>
    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void One_that_is_mounted_is_asked_through_its_own_mount()
    {
        using LoopMount guest = GuestImage.Mount(_image, _scratch);
        File.Move(Path.Combine(guest.Point, "docs/thesis"), Path.Combine(guest.Point, "renamed"));
        ImageReport image = Assert.Single(ImageLocate.IntoImagesOfMounted(_host.Point, _bad).Images!);
        Assert.Equal("kernel", image.Report.AnsweredBy);
        Assert.Equal(guest.DataDevice.Path, image.Report.Volume.Name);
        Assert.Equal("renamed", Assert.Single(image.Report.Totals.Files).Paths[0].ToString());
        Assert.Equal(_lost, image.Report.Ranges);
        Assert.True(image.Report.IsComplete);
    }

    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate")]
    public void One_that_has_shut_down_is_read_with_its_log_recovered()
    {
        using LoopMount guest = GuestImage.Mount(_image, _scratch);
        File.Move(Path.Combine(guest.Point, "docs/thesis"), Path.Combine(guest.Point, "renamed"));
        using (var root = new Tree(guest.Point)) root.Crash(flushLog: true);
        LocateReport report = Only();
        Assert.Equal("device", report.AnsweredBy);
        Assert.Equal("renamed", Assert.Single(report.Totals.Files).Paths[0].ToString());
        Assert.Contains(report.Notes, note => note.Contains("has shut down", StringComparison.Ordinal));
    }

    /// <summary>Mounted where its mount is not seen from here: in a mount namespace of its own.</summary>
    [RootFact(Needs.MountedXfs | Needs.Xfsprogs, "fallocate", "unshare", "python3")]
    public void One_that_is_mounted_out_of_sight_is_left_alone()
    {
        using LoopDevice loop = LoopDevice.Attach(_image, readOnly: false);
        string point = _scratch.PathOf("unseen");
        Directory.CreateDirectory(point);
        // The holder lives in the namespace, and with it the mount.
        string script = $"mount -t xfs {loop.Path} '{point}' && exec \"$@\"";
        using (FileHolder.Start(
            Path.Combine(point, "docs/thesis"),
            before: ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]))
        {
            LocateReport report = ImageLocate.IntoImagesOfMounted(_host.Point, _bad);
            Assert.Empty(report.Images!);
            Assert.Contains($"{loop.Path} is held exclusively", Assert.Single(report.Gaps), StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _host.Dispose();
        _scratch.Dispose();
    }

    private LocateReport Only() => Assert.Single(ImageLocate.IntoImagesOfMounted(_host.Point, _bad).Images!).Report;

    private static string TimesOf(string path) => ProgramRun.Require("stat", "-c", "%x %y %z", path).Text;
}
