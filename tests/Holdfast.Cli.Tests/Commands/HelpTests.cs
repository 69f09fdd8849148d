// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Verbs;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

public sealed class HelpTests(SampleImage sample, CrashedImage crashed)
    : IClassFixture<SampleImage>, IClassFixture<CrashedImage>
{
    public static TheoryData<string> Verbs => [.. VerbList.All.Select(v => v.Name)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Help_ends_in_examples(string verb)
    {
        ProgramRun run = Command.Run(verb, "--help");
        Assert.Equal(0, run.ExitStatus);
        string examples = run.Text[run.Text.IndexOf("\nExamples:\n", StringComparison.Ordinal)..];
        foreach (Example example in VerbList.Find(verb)!.Examples)
        {
            Assert.Contains(example.Text.Split('\n')[0], examples, StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// Those of verbs that speak to a daemon are run with one, in its tests; a freeze with a mount, in its own.
    /// </summary>
    public static TheoryData<string> OfflineVerbs =>
        [.. VerbList.All.Where(v => v is not IDaemonVerb and not FreezeVerb).Select(v => v.Name)];

    [Theory]
    [MemberData(nameof(OfflineVerbs))]
    public void The_examples_work(string verb)
    {
        foreach (Example example in VerbList.Find(verb)!.Examples)
        {
            // The sample stands for every device, and a step of its own for what not every machine has.
            string script = example.Text
                .Replace("/dev/sdb2", "disk.img", StringComparison.Ordinal)
                .Replace("/dev/sdb", "disk.img", StringComparison.Ordinal)
                .Replace(" /srv", " disk.img", StringComparison.Ordinal)
                .Replace(" --volume p2", "", StringComparison.Ordinal)
                .Replace("/backup/ /restored/", "b/ r/", StringComparison.Ordinal)
                .Replace("~/.config/fish/completions/", "", StringComparison.Ordinal)
                .Replace("| less", "| cat", StringComparison.Ordinal)
                .Replace("home/anna", "thesis", StringComparison.Ordinal)
                .Replace("rsync -a --from0 --files-from=- b/ r/", "xargs -0 echo", StringComparison.Ordinal);
            ProgramRun run = Command.Shell(
                sample.Folder,
                $"ln -sf {crashed.Image} crashed.img; ln -sf rescued.img disk.img; "
                + "cp --sparse=always -f rescued.img copy.img; cp rescue.map copy.map; "
                + $"set -o pipefail; {script}");
            Assert.True(run.ExitStatus < 8, $"{example.Text}: exit status {run.ExitStatus}\n{run.Errors}");
        }
    }

    [Fact]
    public void The_version_is_one_line() => Assert.Single(Command.Run("--version").Lines());

    [Theory]
    [InlineData("holdfast lo", "locate")]
    [InlineData("holdfast locate disk.img --mapf", "--mapfile")]
    [InlineData("holdfast completion ", "bash fish zsh")]
    [InlineData("holdfast locate --ra", "--range")]
    public void Bash_completes(string line, string wanted)
    {
        ProgramRun run = Command.Shell(
            sample.Folder,
            $$"""
            source <(holdfast completion bash); COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}
            read -ra COMP_WORDS <<< "$COMP_LINE"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _holdfast; echo "${COMPREPLY[*]}"
            """);
        Assert.Contains(wanted, run.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("frobnicate", run.Text, StringComparison.Ordinal);
    }
}
