// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>What goes wrong with verbs of the notifier: one clear line, nothing on stdout, the right status.</summary>
public sealed class DaemonRefusalTests : IDisposable
{
    private const string Id = "01a222db-60a2-7000-90d4-8245bdd8af20";

    private readonly RunningDaemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    /// <summary>Every verb that asks a daemon; those that only root may use with a mark.</summary>
    private static IEnumerable<(string Verb, bool IsRoots)> Asking =>
    [
        ("failures list", false), ($"failures show {Id}", false), ($"failures confirm {Id}", true),
        ($"failures clear {Id} --how dismissed", true), ($"failures ack {Id}", false), ("holders list", false),
        ("holders put fs claimed --device disk.img", true), ("holders release fs", true), ("holders moved 2", true),
        ("holders copied 2", true), ("parties", false), ("parties --remove me", false), ("watch --count 1", false),
        ("replay", true), ("status", false), ("disarm", true), ("disarm --arm", true), ($"policy explain {Id}", false),
    ];

    public static TheoryData<string> AskingVerbs => [.. Asking.Select(at => at.Verb)];

    public static TheoryData<string> RootsVerbs => [.. Asking.Where(at => at.IsRoots).Select(at => at.Verb)];

    public static TheoryData<string> AllVerbs =>
    [
        .. Asking.Select(at => at.Verb), "report disk.img --range 0+4K", "policy check holdfast.json", "ledger check",
        "ledger backup copy.db", "ledger export",
    ];

    [Theory]
    [MemberData(nameof(AskingVerbs))]
    public void Without_a_daemon_every_verb_says_so_in_one_line(string verb)
    {
        ProgramRun run = _daemon.Shell($"holdfast {verb}");
        Assert.Equal(8, run.ExitStatus);
        Assert.Contains("there is no daemon", run.OnlyError(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AllVerbs))]
    public void An_option_that_is_none_is_refused(string verb)
    {
        ProgramRun run = _daemon.Shell($"holdfast {verb} --frobnicate");
        Assert.Equal(16, run.ExitStatus);
        Assert.Contains("--frobnicate: no such option", run.OnlyError(), StringComparison.Ordinal);
        Assert.Equal(16, _daemon.Shell($"holdfast {verb} too many words").ExitStatus & 16);
    }

    [Theory]
    [InlineData("failures")]
    [InlineData("failures show")]
    [InlineData("failures show nonsense")]
    [InlineData("failures confirm")]
    [InlineData($"failures ack {Id} nonsense")]
    [InlineData($"failures clear {Id}")]
    [InlineData($"failures clear {Id} --how somehow")]
    [InlineData("failures list --state odd")]
    [InlineData("failures list --limit 0")]
    [InlineData("failures list --limit many")]
    [InlineData("failures list --after 17")]
    [InlineData("holders")]
    [InlineData("holders put fs")]
    [InlineData("holders put fs asleep --device disk.img")]
    [InlineData("holders moved two")]
    [InlineData("watch --severity bad")]
    [InlineData("watch --count -1")]
    [InlineData("watch --count 0")]
    [InlineData("watch --after -1")]
    [InlineData("replay --failure 17")]
    [InlineData("policy")]
    [InlineData("policy explain")]
    [InlineData("ledger")]
    [InlineData("ledger backup")]
    [InlineData("ledger export --after -1")]
    [InlineData("report")]
    [InlineData("report disk.img")]
    [InlineData("report disk.img --range 12")]
    public void What_makes_no_sense_is_usage_without_anybody_being_asked(string verb)
    {
        ProgramRun run = _daemon.Shell($"holdfast {verb}");
        Assert.Equal(16, run.ExitStatus);
        run.OnlyError();
    }

    [Fact]
    public void What_only_the_daemon_finds_to_make_no_sense_is_usage_too()
    {
        _daemon.Start();
        foreach (string verb in (string[])
            [
                "holders put 'a b' claimed --device disk.img", "holders put fs claimed --device disk.img --lease 0",
                "holders put fs live --device disk.img", "watch --party 'a b'",
                "report disk.img --range 0+4K --key ''",
            ])
        {
            ProgramRun run = _daemon.Shell($"holdfast {verb}");
            Assert.True(run.ExitStatus == 16, $"{verb}: {run.ExitStatus} {run.Errors}");
            Assert.Contains("(bad_request)", run.OnlyError(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_or_not_right_is_said()
    {
        _daemon.Start();
        foreach ((string verb, string reason) in (ReadOnlySpan<(string, string)>)
            [
                ("report disk.img --badblocks none", "none: "), ("report disk.img --mapfile none", "none: "),
                ("report ./none --range 0+4K", "(unknown_device)"),
                ("holders put fs claimed --device none", "(unknown_device)"), ("policy check none", "none"),
                ("ledger check --ledger none", "there is no none"),
                ("ledger backup copy.db --ledger none", "there is no none"),
                ("ledger export --ledger none", "there is no none"),
                ("ledger check --ledger disk.img", "disk.img"),
                ("ledger backup holdfast.json --ledger ledger.db", "holdfast.json is there already"),
                ("ledger backup none/copy.db --ledger ledger.db", "none/copy.db"),
            ])
        {
            ProgramRun run = _daemon.Shell($"holdfast {verb}");
            Assert.True(run.ExitStatus == 8, $"{verb}: {run.ExitStatus} {run.Errors}");
            Assert.Contains(reason, run.OnlyError(), StringComparison.Ordinal);
        }
    }

    [RootFact(Needs.Root, "setpriv")]
    public void Who_is_in_no_group_is_told_so_by_every_verb()
    {
        _daemon.OpenFolder();
        _daemon.Start();
        foreach ((string verb, _) in Asking)
        {
            ProgramRun run = _daemon.RunAsNobody(isMember: false, Words(verb));
            Assert.Equal(8, run.ExitStatus);
            Assert.Contains("not for this user", run.OnlyError(), StringComparison.Ordinal);
        }

        ProgramRun report = _daemon.RunAsNobody(isMember: false, "report", _daemon.Image, "--range", "0+4K");
        Assert.Equal(8, report.ExitStatus);
        Assert.Contains("nor could it be spooled", report.OnlyError(), StringComparison.Ordinal);
        foreach (string verb in (string[])["check", "export"])
        {
            ProgramRun ledger = _daemon.RunAsNobody(false, "ledger", verb, "--ledger", _daemon.Ledger);
            Assert.Equal(8, ledger.ExitStatus);
            ledger.OnlyError();
        }

        ProgramRun policy = _daemon.RunAsNobody(isMember: false, "policy", "check", _daemon.Configuration);
        Assert.Equal(8, policy.ExitStatus);
        Assert.Contains("denied", policy.OnlyError(), StringComparison.Ordinal);
    }

    [RootFact(Needs.Root, "setpriv")]
    public void A_member_of_the_group_is_refused_what_is_roots_alone()
    {
        _daemon.OpenFolder();
        _daemon.Start();
        foreach ((string verb, bool isRoots) in Asking)
        {
            // A watch would wait for what nobody has reported, and what is shown is not there.
            if (verb.StartsWith("watch", StringComparison.Ordinal)) continue;
            ProgramRun run = _daemon.RunAsNobody(isMember: true, Words(verb));
            string wanted = isRoots ? "(forbidden)" : verb.Contains(Id, StringComparison.Ordinal) ? "(not_found)" : "";
            Assert.True(run.ExitStatus == (wanted.Length > 0 ? 8 : 0), $"{verb}: {run.ExitStatus} {run.Errors}");
            Assert.Contains(wanted, run.Errors, StringComparison.Ordinal);
        }
    }

    private string[] Words(string verb) =>
        [.. verb.Split(' ').Select(word => word == "disk.img" ? _daemon.Image : word)];
}
