// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>The recipe of docs/dying-disk.md, command by command as it is documented, with the real ddrescue.</summary>
public sealed partial class DyingDiskTests
{
    [RootFact(Needs.None, "ddrescue")]
    public void The_documented_rounds_read_metadata_then_chosen_files_then_the_rest()
    {
        using var scratch = new Scratch("dying");
        OracleImage image = OracleImage.Bundled("newest");
        string[] steps = [.. ShellBlock().Matches(File.ReadAllText(Checkout.PathOf("docs", "dying-disk.md")))
            .Select(m => m.Groups[1].Value.Replace("/dev/sdX", image.Images.Data, StringComparison.Ordinal))];
        int jpgs = Array.FindIndex(steps, s => s.Contains("'*.jpg'", StringComparison.Ordinal));
        long allocated = image.Fsmap.Where(r => r.Owner != OwnerKind.Free).Sum(r => r.Length);
        string chosen = LargeFile(image);

        for (int i = 0; i < jpgs; i++) Run(scratch, steps[i]);
        // All of the metadata is here, and hardly anything else: not even the log, which is clean.
        const string Again = "holdfast domain copy.img --mapfile copy.map --metadata";
        Assert.Equal(0, Command.Shell(scratch.Folder, Again).ExitStatus);
        long metadata = Rescued(scratch);
        Assert.InRange(metadata, 1 << 20, allocated / 2);
        Assert.InRange(metadata, 1 << 20, image.Fsmap.Single(r => r.Owner == OwnerKind.Log).Length);

        Assert.Contains(chosen, Damaged(scratch));
        Run(scratch, steps[jpgs].Replace("*.jpg", chosen, StringComparison.Ordinal));
        Assert.DoesNotContain(chosen, Damaged(scratch));
        Assert.NotEmpty(Damaged(scratch));

        Run(scratch, steps[jpgs + 1]);
        Assert.Empty(Damaged(scratch));
        Assert.True(Rescued(scratch) > metadata);
    }

    /// <summary>The path of a file with a large extent, and with a name that a shell leaves alone.</summary>
    private static string LargeFile(OracleImage image) => image.Fsmap
        .Where(r => r is { IsInode: true, Fork: ForkKind.Data, Unwritten: false })
        .Where(r => r is { Length: >= 65536, Physical: > 16 << 20 })
        .SelectMany(r => image.Paths[r.Inode])
        .Select(p => p.ToString())
        .First(p => p.Contains('/', StringComparison.Ordinal) && PlainName().IsMatch(p));

    private static void Run(Scratch scratch, string step)
    {
        ProgramRun run = Command.Shell(scratch.Folder, $"export -f holdfast; timeout 100 bash -c '{step}'");
        Assert.True(run.ExitStatus == 0, $"{step}\n{run.Errors}");
    }

    private static long Rescued(Scratch scratch) => File.ReadLines(scratch.PathOf("copy.map"))
        .Where(l => l.EndsWith('+') && l.StartsWith("0x", StringComparison.Ordinal))
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(w => w.Length == 3 && w[1].StartsWith("0x", StringComparison.Ordinal))
        .Sum(w => Convert.ToInt64(w[1], 16));

    private static string[] Damaged(Scratch scratch) =>
        Command.Shell(scratch.Folder, "holdfast locate copy.img --mapfile copy.map --untried --print").Lines();

    [GeneratedRegex("^[A-Za-z0-9./_-]+$")]
    private static partial Regex PlainName();

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();
}
