// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>locate --html: the same answer as one file, and no way to lose another file by it.</summary>
public sealed partial class HtmlReportTests(SampleImage sample) : IClassFixture<SampleImage>
{
    [Fact]
    public void It_has_every_file_and_says_what_the_terminal_says()
    {
        ProgramRun run = Command.Shell(
            sample.Folder, "holdfast locate rescued.img --mapfile rescue.map --html report.html; echo $?");
        Assert.Equal("", run.Errors);
        Assert.EndsWith("7\n", run.Text, StringComparison.Ordinal);
        Golden.Compare("sample.txt", run.Text[..^2]);
        XElement page = Page("report.html");
        string text = page.Value;
        Assert.All(
            ["7 files are damaged, 1.1 MiB lost.", "4 pieces of metadata are hit.", "This answer is incomplete",
                "XFS \"archive\", 320.0 MiB; 8 bad ranges, 313.5 KiB", "bytes 2048000–2080767; shared with other files",
                "also photos/favourites/grandmother.jpg", "inode chunk", "free space",
                "read: lies in a given bad range"],
            said => Assert.Contains(said, text, StringComparison.Ordinal));
        string[] first = [.. Command.Run("locate", sample.Image, "--mapfile", sample.Mapfile, "--print").Lines()
            .Where(at => !at.StartsWith("photos/favourites/", StringComparison.Ordinal))];
        string[] listed = [.. page.Descendants("pre").SelectMany(at => at.Value.Trim('\n').Split('\n'))
            .Select(at => at[(at.LastIndexOf(' ') + 1)..])];
        Assert.Equal(first.Select(at => Path.GetFileName(at)).Order(), listed.Order());
        Assert.Equal(
            ["content of files", "metadata", "harmless"],
            page.Descendants("span").Where(at => at.Attribute("class")?.Value == "key").Select(at => at.Value.Trim()));
    }

    [Fact]
    public void Alone_on_stdout_it_is_the_whole_answer()
    {
        ProgramRun run = Command.Run("locate", sample.Image, "--range", "250M+4K", "--html", "-");
        Assert.Equal((0, ""), (run.ExitStatus, run.Errors));
        Assert.Contains("No file lost content.", Parse(run.Text).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_an_earlier_report_is_written_over()
    {
        byte[] image = File.ReadAllBytes(sample.Image);
        File.WriteAllText(Path.Combine(sample.Folder, "short"), "<!D");
        foreach (string there in (string[])["rescued.img", "rescue.map", "short", ".", "/dev/null"])
        {
            ProgramRun run = Command.Shell(
                sample.Folder, $"holdfast locate rescued.img --range 250M+4K --html {there}; exit $?");
            Assert.Equal(16, run.ExitStatus);
            Assert.Equal($"holdfast: --html: {there}: is there already, and is no report", run.OnlyError());
        }

        Assert.Equal(image, File.ReadAllBytes(sample.Image));
        for (int i = 0; i < 2; i++)
        {
            string range = i == 0 ? "250M+4K" : "0+64M";
            Command.Shell(sample.Folder, $"holdfast locate rescued.img --range {range} --html again.html");
        }

        Assert.Contains("pieces of metadata are hit", Page("again.html").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_is_not_waited_for()
    {
        ProgramRun run = Command.Shell(
            sample.Folder, "mkfifo pipe; holdfast locate rescued.img --range 0+1 --html pipe; exit $?");
        Assert.Equal("holdfast: --html: pipe: is there already, and is no report", run.OnlyError());
    }

    [RootFact(Needs.Root, "mount")]
    public void A_full_disk_leaves_no_half_of_it()
    {
        using var scratch = new Scratch("full");
        ProgramRun.Require("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", scratch.Folder);
        try
        {
            ProgramRun run = Command.Run(
                "locate", sample.Image, "--mapfile", sample.Mapfile, "--html", scratch.PathOf("report.html"));
            Assert.Equal(8, run.ExitStatus);
            Assert.Contains("report.html: No space left on device", run.OnlyError(), StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(scratch.Folder));
        }
        finally
        {
            ProgramRun.Require("umount", scratch.Folder);
        }
    }

    [RootFact]
    public void Nothing_is_written_into_the_filesystem_that_is_looked_at()
    {
        using var scratch = new Scratch("mounted");
        using LoopMount mount = LoopMount.Writable(XfsGeometry.Named("default").MakeFilesystem(scratch), scratch);
        string inside = Path.Combine(mount.Point, "report.html");
        foreach (string target in (string[])[mount.Point, mount.DataDevice.Path])
        {
            ProgramRun run = Command.Run("locate", target, "--range", "0+4K", "--html", inside);
            Assert.Equal(16, run.ExitStatus);
            Assert.Contains("lies on the filesystem that is looked at", run.OnlyError(), StringComparison.Ordinal);
        }

        Assert.False(File.Exists(inside));
        string outside = scratch.PathOf("report.html");
        Assert.Equal(2, Command.Run("locate", mount.Point, "--range", "0+4K", "--html", outside).ExitStatus);
        Assert.Contains("superblock", Parse(File.ReadAllText(outside)).Value, StringComparison.Ordinal);
    }

    private XElement Page(string name) => Parse(File.ReadAllText(Path.Combine(sample.Folder, name)));

    private static XElement Parse(string page)
    {
        using var reader = XmlReader.Create(
            new StringReader(VoidElement().Replace(page, "$0</meta>")),
            new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader);
    }

    [GeneratedRegex("<meta [^>]*>")]
    private static partial Regex VoidElement();
}
