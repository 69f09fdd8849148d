// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text.Json;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>The command on a filesystem whose log is dirty: what it recovers, says, refuses; it never writes.</summary>
public sealed class CrashedCommandTests(CrashedImage crashed) : IClassFixture<CrashedImage>
{
    /// <summary>First byte of the sample's log, and the length of what recovery reads of it.</summary>
    private const string ActiveLog = "33584128+4K";

    private const string InactiveLog = "42M+64K";

    [Theory]
    [InlineData("log crashed.img", "log", 0)]
    [InlineData("log crashed.img --records --items", "log", 0)]
    [InlineData("log crashed.img --range " + ActiveLog, "log", 4)]
    [InlineData("log crashed.img --no-recovery", "log", 0)]
    [InlineData("info crashed.img", "info", 0)]
    [InlineData("info crashed.img --view replayed", "info", 0)]
    [InlineData("ls crashed.img", "ls", 0)]
    [InlineData("ls crashed.img mail/inbox", "ls", 0)]
    [InlineData("locate crashed.img --range 2M+1M", "report", 0)]
    public void Json_fits_its_schema(string arguments, string schema, int status)
    {
        ProgramRun run = Command.Shell(crashed.Folder, $"holdfast {arguments} --json");
        if (schema != "report") Assert.Equal(status, run.ExitStatus);
        Assert.Empty(JsonSchema.Load(Checkout.PathOf("docs", $"{schema}.schema.json")).Check(run.Json()));
    }

    [Fact]
    public void Views_differ_as_the_log_has_it()
    {
        Assert.Empty(Run("ls crashed.img mail/inbox --view disk", 8).Text);
        Assert.Equal(25, Run("ls crashed.img mail/inbox --view replayed", 0).Lines().Length);
        Assert.Equal(25, Run("ls crashed.img mail/inbox", 0).Lines().Length);
        Assert.NotEmpty(Run("info crashed.img --view replayed --json", 0).Json().GetProperty("unlinked_inodes")
            .EnumerateArray());
        Assert.Empty(Run("info crashed.img --json", 0).Json().GetProperty("unlinked_inodes").EnumerateArray());
    }

    [Fact]
    public void A_file_comes_out_of_the_log()
    {
        string text = Run("cat crashed.img thesis/thesis.tex", 0).Text;
        Assert.StartsWith("\\title{Draft 25}\n", text, StringComparison.Ordinal);
        string inode = Run("ls crashed.img thesis", 0).Text.Trim().Split(' ')[0];
        Assert.Equal(text, Run($"cat crashed.img {inode}", 0).Text);
        Assert.Equal(text, Run("cat crashed.img /thesis/../thesis//thesis.tex", 0).Text);
    }

    [Fact]
    public void Lost_bytes_of_a_file_are_filled_and_named()
    {
        JsonElement row = Rows().First(r => r.TryGetProperty("inode", out JsonElement i) && $"{i}" == ThesisInode()
            && r.GetProperty("offset").GetInt64() == 0 && r.GetProperty("fork").GetString() == "data");
        long bad = row.GetProperty("physical").GetInt64() + 1024;
        ProgramRun run = Run($"cat crashed.img thesis/thesis.tex --range {bad}+512 --fill 0x2d", 1);
        Assert.Contains("thesis/thesis.tex: bytes 1024–1535: lies in a given bad range", run.Errors);
        string whole = Run("cat crashed.img thesis/thesis.tex", 0).Text;
        Assert.Equal(whole[..1024] + new string('-', 512) + whole[1536..], run.Text);
    }

    [Theory]
    [InlineData("cat crashed.img thesis", 8, "thesis: is a directory (holdfast ls lists it)")]
    [InlineData("cat crashed.img thesis/nothing", 8, "thesis/nothing: no such file or directory")]
    [InlineData("cat crashed.img thesis/thesis.tex/x", 8, "thesis/thesis.tex/x: no such file or directory")]
    [InlineData("cat crashed.img 99999999", 8, "99999999: inode 99999999 cannot be read, or is free")]
    [InlineData("cat crashed.img thesis/thesis.tex --fill 256", 16, "--fill 256: not a byte")]
    [InlineData("cat crashed.img thesis/thesis.tex --json", 16, "cat: no --json: a file is bytes")]
    [InlineData("ls crashed.img --log-device crashed.img", 16,
        "--log-device: this filesystem's log is on its own device")]
    public void What_cannot_be_done_is_said_in_one_line(string arguments, int status, string message)
    {
        ProgramRun run = Command.Shell(crashed.Folder, $"holdfast {arguments}");
        Assert.Equal((status, "holdfast: " + message), (run.ExitStatus, run.OnlyError()));
    }

    [Fact]
    public void A_log_that_cannot_be_recovered_is_refused_and_named()
    {
        string error = Run($"locate crashed.img --range {ActiveLog}", 8).OnlyError();
        Assert.Contains("the log cannot be recovered, and a mount would fail: log at byte 3358", error);
        ProgramRun degraded = Run($"locate crashed.img --range {ActiveLog} --no-recovery --json", 6);
        Assert.False(degraded.Json().GetProperty("complete").GetBoolean());
    }

    [Fact]
    public void Will_it_mount()
    {
        JsonElement mount = Mount("");
        Assert.True(mount.GetProperty("will_mount").GetBoolean());
        Assert.Equal(91, mount.GetProperty("repair_would_lose").GetProperty("transactions").GetInt32());

        mount = Mount($"--range {InactiveLog}");
        Assert.True(mount.GetProperty("will_mount").GetBoolean());
        Assert.Equal((0, 65536), (
            mount.GetProperty("bad_active_log_bytes").GetInt32(),
            mount.GetProperty("bad_inactive_log_bytes").GetInt32()));

        mount = Mount($"--range {ActiveLog}");
        Assert.False(mount.GetProperty("will_mount").GetBoolean());
        Assert.Equal(4096, mount.GetProperty("bad_active_log_bytes").GetInt32());

        // The AGF of the second group, which is half of the 64 MiB.
        mount = Mount("--range 33554944+512");
        string structure = mount.GetProperty("obstacles")[0].GetProperty("fault").GetProperty("structure").GetString()!;
        Assert.Contains("AGF", structure);
    }

    // Goal: whatever is asked, not one byte of the device changes.
    [Fact]
    public void Nothing_is_ever_written_to_the_device()
    {
        byte[] before = SHA256.HashData(File.ReadAllBytes(crashed.Image));
        DateTime written = File.GetLastWriteTimeUtc(crashed.Image);
        string[] asked =
        [
            "log crashed.img --items", "info crashed.img", "map crashed.img", "map crashed.img --no-rmapbt",
            "map crashed.img --view disk", "map crashed.img --view replayed", "map crashed.img --no-recovery",
            "locate crashed.img --range 2M+1M", "inode crashed.img 128", "block crashed.img 0", "ls crashed.img",
            "cat crashed.img thesis/thesis.tex", "domain crashed.img --metadata",
        ];
        foreach (string arguments in asked)
        {
            ProgramRun run = Command.Shell(crashed.Folder, $"holdfast {arguments}");
            Assert.True(run.ExitStatus < 8, $"{arguments}: {run.Errors}");
            Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(crashed.Image)));
        }

        Assert.Equal(written, File.GetLastWriteTimeUtc(crashed.Image));
    }

    // Goal: a device that refuses writes is enough.
    [Fact]
    public void A_full_disk_for_the_answer_is_one_line()
    {
        ProgramRun run = Command.Shell(
            crashed.Folder, "holdfast cat crashed.img thesis/thesis.tex > /dev/full; echo \"status $?\" >&2");
        Assert.Contains("holdfast: writing the answer: No space left on device", run.Errors);
        Assert.Contains("status 8", run.Errors);
    }

    private ProgramRun Run(string arguments, int status)
    {
        ProgramRun run = Command.Shell(crashed.Folder, $"holdfast {arguments}");
        Assert.True(status == run.ExitStatus, $"{arguments}: {run.ExitStatus}, {run.Errors}");
        return run;
    }

    private JsonElement Mount(string arguments) =>
        Command.Shell(crashed.Folder, $"holdfast log crashed.img --json {arguments}").Json().GetProperty("mount");

    private IEnumerable<JsonElement> Rows() =>
        Run("map crashed.img --json", 0).Lines().Select(l => JsonDocument.Parse(l).RootElement);

    private string ThesisInode() => Run("ls crashed.img thesis", 0).Text.Trim().Split(' ')[0];
}
