// SPDX-License-Identifier: Apache-2.0
using Holdfast.Cli.Verbs;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>The examples of the help of verbs that speak to a daemon, run with one.</summary>
public sealed class DaemonExampleTests
{
    private const string OtherUuid = "0f1e2d3c-2b4a-4c6d-8e9f-0123456789ab";
    private const string ExampleId = "01a222db-60a2-7000-90d4-8245bdd8af20";

    // The disk of the scan is away: nothing is read.
    private const string Members = """
        , "parties": [{"name": "oncall"}], "scans": [{"name": "archive", "device": "serial:none"}]
        """;

    public static TheoryData<string> DaemonVerbs =>
        [.. VerbList.All.Where(verb => verb is IDaemonVerb).Select(verb => verb.Name)];

    [Theory]
    [MemberData(nameof(DaemonVerbs))]
    public void The_examples_work(string verb)
    {
        using var daemon = new RunningDaemon(Members);
        daemon.Start();
        Prepare(daemon);
        int place = 0;
        foreach (Example example in VerbList.Find(verb)!.Examples)
        {
            // A failure for each: one that is settled can be settled only once.
            string range = $"{++place * 32}K+4K";
            string id = Assert.Single(daemon.Run("report", daemon.Image, "--range", range).Lines());
            // The image stands for every device, and what a watch waits for is there already.
            string script = example.Text
                .Replace("/dev/sdb", "disk.img", StringComparison.Ordinal)
                .Replace("/images/data.img", "data.img", StringComparison.Ordinal)
                .Replace(ExampleId, id, StringComparison.Ordinal)
                .Replace("/backup/", "", StringComparison.Ordinal)
                .Replace("holdfast ledger", "holdfast_ledger", StringComparison.Ordinal)
                .Replace("holdfast watch", "holdfast watch --after 0 --count 1", StringComparison.Ordinal);
            ProgramRun run = daemon.Shell(
                "holdfast_ledger() { verb=$1; shift; holdfast ledger \"$verb\" --ledger ledger.db \"$@\"; }; "
                + $"set -o pipefail; {script}");
            // Of a status the bits below tell how things stand, not that it failed.
            Assert.True(run.ExitStatus is 0 || (verb == "status" && run.ExitStatus < 4), $"{script}\n{run.Errors}");
        }
    }

    /// <summary>A list of bad blocks, a mapfile, a filesystem with two that look like it.</summary>
    private static void Prepare(RunningDaemon daemon)
    {
        foreach (string name in (string[])["rescued.img", "data.img", "one.img", "two.img", "three.img"])
        {
            File.Copy(daemon.Image, Path.Combine(daemon.Folder, name));
        }

        File.WriteAllText(Path.Combine(daemon.Folder, "bad.txt"), "17\n");
        File.WriteAllText(
            Path.Combine(daemon.Folder, "rescue.map"), "0x0 ? 1\n0x0 0x2000 +\n0x2000 0x1000 -\n0x3000 0xFD000 +\n");
        string[] claims = ["one", "two", "three"];
        foreach (string name in claims)
        {
            ProgramRun run = daemon.Shell($"holdfast holders put {name} live --device {name}.img --uuid {OtherUuid}");
            Assert.Equal(0, run.ExitStatus);
        }

        // It cannot have moved while somebody holds it where it was.
        Assert.Equal(0, daemon.Run("holders", "release", "one").ExitStatus);
    }
}
