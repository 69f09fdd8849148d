// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

public sealed class LocateCommandTests(SampleImage sample) : IClassFixture<SampleImage>
{
    private static readonly JsonSchema Schema = JsonSchema.Load(Checkout.PathOf("docs", "report.schema.json"));

    [Fact]
    public void The_sample_s_report_is_as_it_always_was()
    {
        ProgramRun run = Command.Run("locate", sample.Image, "--mapfile", sample.Mapfile);
        Assert.Equal(1 + 2 + 4, run.ExitStatus);
        Golden.Compare("sample.txt", run.Text.Replace(sample.Image, "rescued.img", StringComparison.Ordinal));
    }

    [Fact]
    public void The_sample_s_json_fits_the_schema_and_the_text()
    {
        ProgramRun run = Command.Run("locate", sample.Image, "--mapfile", sample.Mapfile, "--json");
        Assert.Equal(1 + 2 + 4, run.ExitStatus);
        JsonElement report = run.Json();
        Assert.Empty(Schema.Check(report));
        Assert.Equal(7, report.GetProperty("totals").GetProperty("files_damaged").GetInt32());
        Assert.False(report.GetProperty("complete").GetBoolean());
    }

    [Theory]
    [InlineData(0, "--range", "250M+4K")]
    [InlineData(0, "--range", "1T+4K")]
    [InlineData(1, "--sector", "173672")]
    [InlineData(2, "--range", "4096+1")]
    [InlineData(6, "--range", "0+64M")]
    public void The_exit_status_says_what_was_hit(int status, params string[] ranges) =>
        Assert.Equal(status, Command.Run(["locate", sample.Image, .. ranges]).ExitStatus);

    [Fact]
    public void Print_gives_the_paths_and_nothing_else()
    {
        ProgramRun run = Command.Run("locate", sample.Image, "--mapfile", sample.Mapfile, "--print");
        string[] paths = run.Lines();
        Assert.Equal("accounts.db", paths[0]);
        Assert.Contains("photos/favourites/grandmother.jpg", paths);
        Assert.Equal(9, paths.Length);
        ProgramRun run0 = Command.Run("locate", sample.Image, "--mapfile", sample.Mapfile, "--print0");
        Assert.Equal(paths, Encoding.UTF8.GetString(run0.Output).Split('\0', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, run0.Output[^1]);
    }

    [Fact]
    public void A_pipe_that_closes_early_ends_the_work_quietly()
    {
        ProgramRun run = Command.Shell(
            sample.Folder, "holdfast map rescued.img --json | head -n 1 > first; echo ${PIPESTATUS[0]}");
        Assert.Equal("141\n", run.Text);
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public void A_full_disk_is_said_to_be_full()
    {
        ProgramRun run = Command.Shell(
            sample.Folder, "holdfast locate rescued.img --range 0+1 --json > /dev/full; echo $?");
        Assert.Equal("8\n", run.Text);
        Assert.Equal("holdfast: writing the answer: No space left on device\n", run.Errors);
    }

    [Fact]
    public void Two_answers_in_one_file_follow_each_other()
    {
        ProgramRun run = Command.Shell(
            sample.Folder,
            "{ for i in 1 2; do holdfast locate rescued.img --range 250M+4K; done; } > both; grep -c '^No file' both");
        Assert.Equal("2\n", run.Text);
    }

    [Fact]
    public void Lists_of_all_kinds_add_up()
    {
        string folder = sample.Folder;
        File.WriteAllText(Path.Combine(folder, "badblocks"), "256000\n256001\n");
        File.WriteAllText(Path.Combine(folder, "sysfs"), "512016 8\n\n");
        File.WriteAllText(
            Path.Combine(folder, "dmesg"),
            "[ 1.0] I/O error, dev sdb, sector 512032 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0\n"
            + "[ 1.0] I/O error, dev sdc, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0\n");
        ProgramRun run = Command.Shell(
            folder,
            "holdfast locate rescued.img --json --range 250M+1K --badblocks badblocks --block-size 1Ki"
            + " --sysfs-badblocks sysfs --dmesg dmesg --device /dev/sdb --sector 512100+2");
        JsonElement ranges = run.Json().GetProperty("ranges");
        // 250M+1K is sectors 512000 and 512001, as is block 256000; 256001 is beside it.
        Assert.Equal(4, ranges.GetProperty("count").GetInt32());
        Assert.Equal(2048 + 4096 + 4096 + 1024, ranges.GetProperty("bytes").GetInt32());
        Assert.Equal(
            ["range", "sector", "badblocks", "sysfs_badblocks", "dmesg"],
            ranges.GetProperty("sources").EnumerateArray().Select(s => s.GetProperty("kind").GetString()!));
        Assert.Equal(0, run.ExitStatus);
    }

    [Fact]
    public void What_a_mapfile_does_not_call_rescued_is_not_believed()
    {
        // Everything is rescued but the 32 KiB of the first inodes, which are in the image all the same.
        string head = "# Mapfile.\n0x00000000     ?               1\n";
        string folder = sample.Folder;
        File.WriteAllText(Path.Combine(folder, "whole"), head + "0x0 0x14000000 +\n");
        string hole = "0x0 0x10000 +\n0x10000 0x8000 ?\n0x18000 0x13FE8000 +\n";
        File.WriteAllText(Path.Combine(folder, "part"), head + hole);
        ProgramRun whole = Command.Shell(folder, "holdfast locate rescued.img --mapfile whole --range 53248+1 --json");
        Assert.Equal(1, whole.ExitStatus);
        ProgramRun part = Command.Shell(folder, "holdfast locate rescued.img --mapfile part --range 53248+1 --json");
        Assert.Equal(1 + 4, part.ExitStatus);
        Assert.Equal(1, part.Json().GetProperty("ranges").GetProperty("count").GetInt32());
        Assert.Contains(
            part.Json().GetProperty("faults").EnumerateArray(),
            f => f.GetProperty("structure").GetString() == "inode 139");
    }

    [Theory]
    [InlineData("", 512)]
    [InlineData("--physical-sector 4Ki", 4096)]
    public void A_smart_address_is_widened_to_the_physical_sector(string option, int wanted)
    {
        File.WriteAllText(
            Path.Combine(sample.Folder, "smart.json"),
            """
            { "logical_block_size": 512, "physical_block_size": 512, "device": { "protocol": "ATA" },
              "ata_smart_self_test_log": { "extended": { "table": [ {
                "type": { "value": 2 }, "status": { "value": 121, "passed": false }, "lba": 512003 } ] } } }
            """);
        ProgramRun run = Command.Shell(
            sample.Folder, $"holdfast locate rescued.img --json --smart smart.json {option}");
        Assert.Equal(wanted, run.Json().GetProperty("ranges").GetProperty("bytes").GetInt32());
    }

    [Fact]
    public void What_only_a_guessing_source_names_has_low_confidence()
    {
        string log = Path.Combine(sample.Folder, "log");
        File.WriteAllText(log, "I/O error, dev sdb, sector 173672\n");
        ProgramRun run = Command.Run("locate", sample.Image, "--json", "--dmesg", log);
        JsonElement impact = run.Json().GetProperty("impacts")[0];
        Assert.Equal("low", impact.GetProperty("confidence").GetString());
        // A line without a length blames one physical sector.
        Assert.Equal(4096, impact.GetProperty("length").GetInt32());
    }
}
