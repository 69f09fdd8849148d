// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>What goes wrong is one clear line on stderr, nothing on stdout, and the right exit status.</summary>
public sealed class UsageTests(SampleImage sample) : IClassFixture<SampleImage>
{
    [Theory]
    [InlineData("")]
    [InlineData("locate")]
    [InlineData("locate rescued.img")]
    [InlineData("locate rescued.img --range 12")]
    [InlineData("locate rescued.img --range 1x+3")]
    [InlineData("locate rescued.img --sector -1")]
    [InlineData("locate rescued.img --mapfile")]
    [InlineData("locate rescued.img --rnage 0+1")]
    [InlineData("locate --rnage rescued.img")]
    [InlineData("locate rescued.img extra --range 0+1")]
    [InlineData("inode rescued.img twelve")]
    [InlineData("block rescued.img 12Q")]
    [InlineData("domain rescued.img")]
    [InlineData("locate rescued.img --dmesg rescue.map --physical-sector 1000")]
    [InlineData("locate rescued.img --badblocks rescue.map --block-size 0")]
    [InlineData("info rescued.img --log-device rescued.img")]
    [InlineData("completion tcsh")]
    [InlineData("frobnicate")]
    public void A_command_line_that_makes_no_sense_is_refused(string arguments)
    {
        ProgramRun run = Command.Shell(sample.Folder, $"holdfast {arguments}");
        Assert.Equal(16, run.ExitStatus);
        run.OnlyError();
    }

    [Theory]
    [InlineData("locate rescued.img --rnage 0+1", "--rnage: no such option")]
    [InlineData("locate --rnage", "--rnage: no such option")]
    [InlineData("locate", "(holdfast locate --help shows how)")]
    [InlineData("locate rescued.img", "no bad range given: --range")]
    public void What_is_wrong_is_said(string arguments, string reason)
    {
        ProgramRun run = Command.Shell(sample.Folder, $"holdfast {arguments}");
        Assert.Contains(reason, run.OnlyError(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nonexistent", "no such file or directory")]
    [InlineData("/tmp", "is a folder")]
    [InlineData("/dev/null", "is neither a file nor a block device")]
    [InlineData("empty", "no XFS that can be read")]
    [InlineData("text", "no XFS that can be read")]
    public void A_target_that_is_no_xfs_is_refused(string target, string reason)
    {
        foreach (string verb in (string[])["locate --range 0+1", "map", "info", "domain --metadata"])
        {
            ProgramRun run = Command.Shell(
                sample.Folder,
                $": > empty; echo text > text; holdfast {verb} {target}");
            Assert.Equal(8, run.ExitStatus);
            Assert.Contains(reason, run.OnlyError(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--mapfile text", "text: line 1: ")]
    [InlineData("--badblocks text", "text: line 1: ")]
    [InlineData("--smart text", "text: ")]
    [InlineData("--mapfile missing", "missing: ")]
    public void A_list_that_is_none_is_refused(string option, string reason)
    {
        ProgramRun run = Command.Shell(sample.Folder, $"echo text > text; holdfast locate rescued.img {option}");
        Assert.Equal(8, run.ExitStatus);
        Assert.Contains(reason, run.OnlyError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_without_permission_is_refused()
    {
        // Root may read everything: another user asks.
        ProgramRun run = Command.Shell(
            sample.Folder,
            "cp --sparse=always rescued.img secret && chmod 0 secret && "
            + "if [ $(id -u) = 0 ]; then chmod 755 . && setpriv --reuid 65534 --clear-groups "
            + $"'{Command.Script}' info secret; else holdfast info secret; fi");
        Assert.Equal(8, run.ExitStatus);
        Assert.Contains("permission denied", run.OnlyError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_image_is_answered_for_as_far_as_it_goes()
    {
        // Its log is cut off too, so that an answer without it has to be asked for.
        ProgramRun refused = Command.Shell(
            sample.Folder, "head -c 200M rescued.img > cut; holdfast locate cut --range 33648640+4K --json");
        Assert.Equal(8, refused.ExitStatus);
        Assert.Contains("--no-recovery", refused.OnlyError(), StringComparison.Ordinal);
        ProgramRun run = Command.Shell(
            sample.Folder, "holdfast locate cut --range 33648640+4K --no-recovery --json");
        Assert.Equal(4, run.ExitStatus & 4);
        Assert.False(run.Json().GetProperty("complete").GetBoolean());
    }

    [Fact]
    public void A_name_with_escape_sequences_does_not_reach_the_terminal()
    {
        ProgramRun run = Command.Shell(sample.Folder, "holdfast info $'evil\\e[31mname'");
        Assert.Contains(@"evil\x1b[31mname", run.OnlyError(), StringComparison.Ordinal);
    }
}
