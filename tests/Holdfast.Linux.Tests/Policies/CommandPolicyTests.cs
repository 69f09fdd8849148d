// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Policies;
using Holdfast.Testing;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>Programs that policies run: honest, hung and hostile ones. As root, for users are changed.</summary>
public sealed class CommandPolicyTests : IDisposable
{
    private static readonly Guid Failure = Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057");

    private readonly string _folder = Directory.CreateTempSubdirectory("command").FullName;
    private readonly CommandPolicy _policy = new();

    public CommandPolicyTests() => File.SetUnixFileMode(_folder, (UnixFileMode)0x1ff);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [RootFact]
    public async Task The_notice_is_its_standard_input()
    {
        string payload = JsonSerializer.Serialize(new string('x', 300_000));
        PolicyOutcome outcome = await RunAsync(["/usr/bin/wc", "-c"], payload);
        Assert.Equal(new PolicyOutcome(DeliveryState.Done, "300002"), outcome);
    }

    /// <summary>One that does not read its input at all is no failure.</summary>
    [RootFact]
    public async Task Nobody_has_to_read_the_notice() => Assert.Equal(
        new PolicyOutcome(DeliveryState.Done, ""), await RunAsync(["/bin/true"], new string('x', 1 << 20)));

    [RootFact]
    public async Task It_runs_as_nobody_without_groups_or_privileges()
    {
        PolicyOutcome outcome = await RunAsync(
            ["/bin/sh", "-c", "id -u; id -G; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; pwd"]);
        string[] lines = outcome.Detail!.Split('\n');
        Assert.Equal(["65534", "65534"], lines[..2]);
        Assert.Equal(
            ["CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "/"], lines[2..]);
    }

    [RootFact]
    public async Task Its_environment_and_descriptors_are_its_own()
    {
        Environment.SetEnvironmentVariable("HOLDFAST_TEST_SECRET", "seen");
        PolicyOutcome environment = await RunAsync(["/usr/bin/env"]);
        Environment.SetEnvironmentVariable("HOLDFAST_TEST_SECRET", null);
        Assert.Equal(
            ["HOLDFAST_KEY", "HOLDFAST_PARTY", "HOLDFAST_RULE", "HOME", "LANG", "LOGNAME", "PATH", "USER"],
            environment.Detail!.Split('\n').Select(line => line.Split('=')[0]).Order(StringComparer.Ordinal));
        // The fourth is ls itself, reading the folder.
        PolicyOutcome descriptors = await RunAsync(["/bin/ls", "/proc/self/fd"]);
        Assert.Equal("0\n1\n2\n3", descriptors.Detail);
        // The runtime ignores SIGPIPE; a program must not.
        PolicyOutcome signals = await RunAsync(["/bin/grep", "-E", "SigBlk|SigIgn", "/proc/self/status"]);
        string[] masks = [.. signals.Detail!.Split('\n').Select(line => line.Split('\t')[1])];
        // Signals 32 and 33 are libc's own: posix_spawn leaves them out.
        const ulong ownOfLibc = 0b11UL << 31;
        Assert.Equal("0000000000000000", masks[0]);
        Assert.Equal(0UL, ulong.Parse(masks[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & ~ownOfLibc);
    }

    [RootFact]
    public async Task It_leads_a_session_of_its_own()
    {
        PolicyOutcome outcome = await RunAsync(["/bin/sh", "-c", "cut -d' ' -f1,5,6 /proc/$$/stat"]);
        Assert.Single(outcome.Detail!.Split(' ').Distinct());
    }

    /// <summary>Never through a shell: what a file's name holds stays one argument, whatever it is.</summary>
    [RootTheory]
    [InlineData("a b; touch /tmp/no $(id) `id` \"'\\ * {failure}")]
    [InlineData("two\nlines")]
    [InlineData("-rf")]
    [InlineData("")]
    public async Task A_path_is_one_argument_and_never_looked_at_again(string path)
    {
        PolicyOutcome outcome = await RunAsync(
            ["/usr/bin/printf", "[%s]", "{path}", "x={offset}+{length}", "{nothing}"], paths: [path]);
        Assert.Equal($"[{path}][x=4096+512][{{nothing}}]", outcome.Detail);
    }

    [RootFact]
    public async Task A_path_that_is_no_UTF8_comes_as_its_bytes()
    {
        string impacts = "[{\"owner\":\"inode\",\"severity\":\"file_data\",\"paths\":[\"lossy\"],\"paths_base64\":[\""
            + Convert.ToBase64String([(byte)'a', 0xff, 0xfe, (byte)'\n', 0x80]) + "\"]}]";
        PolicyOutcome outcome = await RunAsync(
            ["/bin/sh", "-c", "printf %s \"$1\" | od -An -tx1", "sh", "{path}"], impacts: impacts);
        Assert.Equal("61 ff fe 0a 80", outcome.Detail!.Trim());
    }

    [RootFact]
    public async Task Output_is_bounded_and_made_plain()
    {
        PolicyOutcome flood = await RunAsync(["/bin/sh", "-c", "head -c 50000000 /dev/zero; echo end >&2; exit 3"]);
        Assert.Equal(DeliveryState.Dead, flood.State);
        Assert.StartsWith("exit status 3: \\x00\\x00", flood.Detail, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(flood.Detail!), 4000, PlainText.BytesMax + 16);

        PolicyOutcome tricks = await RunAsync(
            ["/usr/bin/printf", "%b", "\\033[2J\\0377\\0302\\0233\\0342\\0200\\0256ok\\r"]);
        Assert.Equal("\\x1b[2J\uFFFD\\x9b\\u{202e}ok\\x0d", tricks.Detail);
    }

    /// <summary>C11: the whole group dies, children of children too, also those that ignore a polite signal.</summary>
    [RootFact]
    public async Task Time_over_kills_the_whole_group()
    {
        string pids = Path.Combine(_folder, "pids");
        using var limit = new CancellationTokenSource();
        Task<PolicyOutcome> running = RunAsync(
            ["/bin/sh", "-c", $"trap '' TERM HUP; (trap '' TERM HUP; sh -c 'echo $$ >{pids}.new; mv {pids}.new {pids};"
                + " exec sleep 1000') & sleep 1000"],
            limit: limit.Token);
        while (!File.Exists(pids)) await Task.Delay(10);
        int grandchild = int.Parse(await File.ReadAllTextAsync(pids), CultureInfo.InvariantCulture);
        Assert.True(IsAlive(grandchild));
        await limit.CancelAsync();
        PolicyOutcome outcome = await running;
        Assert.Equal(DeliveryState.Unknown, outcome.State);
        Assert.StartsWith("killed after ", outcome.Detail, StringComparison.Ordinal);
        await UntilDeadAsync(grandchild);
    }

    /// <summary>A program that ends and leaves a child with its pipes has ended; the child goes with it.</summary>
    [RootFact]
    public async Task Who_stays_behind_in_the_group_is_killed_and_waited_for_by_nobody()
    {
        PolicyOutcome outcome = await RunAsync(["/bin/sh", "-c", "sleep 1000 & echo $!"], new string('x', 1 << 20));
        Assert.Equal(DeliveryState.Done, outcome.State);
        await UntilDeadAsync(int.Parse(outcome.Detail!, CultureInfo.InvariantCulture));
    }

    /// <summary>One that leaves the session keeps the pipes open: nobody waits for it.</summary>
    [RootFact]
    public async Task A_daemon_that_keeps_the_pipes_holds_nobody_up()
    {
        string pid = Path.Combine(_folder, "pid");
        PolicyOutcome outcome = await RunAsync(
            ["/bin/sh", "-c", $"setsid sh -c 'echo $$ >{pid}; exec sleep 1000' & while [ ! -s {pid} ]; do :; done"],
            new string('x', 1 << 20));
        Assert.Equal(DeliveryState.Done, outcome.State);
        int escaped = int.Parse(await File.ReadAllTextAsync(pid), CultureInfo.InvariantCulture);
        using var process = System.Diagnostics.Process.GetProcessById(escaped);
        Assert.False(process.HasExited);
        process.Kill();
    }

    [RootFact]
    public async Task How_it_ended_is_told()
    {
        Assert.Equal("exit status 7: why", (await RunAsync(["/bin/sh", "-c", "echo why >&2; exit 7"])).Detail);
        Assert.Equal("killed by signal 11", (await RunAsync(["/bin/sh", "-c", "kill -SEGV $$"])).Detail);
    }

    /// <summary>C7: what never started is a clean failure; what may have started is none.</summary>
    [RootFact]
    public async Task What_cannot_start_fails_cleanly()
    {
        string text = Path.Combine(_folder, "text");
        await File.WriteAllTextAsync(text, "no program\n");
        Assert.Equal(
            new PolicyOutcome(DeliveryState.Failed, "there is no program /no/such"), await RunAsync(["/no/such"]));
        Assert.Equal(new PolicyOutcome(DeliveryState.Failed, $"{text} cannot be executed"), await RunAsync([text]));
        Assert.Equal(
            new PolicyOutcome(DeliveryState.Failed, "there is no user who-is-this"),
            await RunAsync(["/bin/true"], user: "who-is-this"));
        File.SetUnixFileMode(text, (UnixFileMode)0x1ff);
        await File.WriteAllTextAsync(text, "#!/no/such/interpreter\n");
        PolicyOutcome outcome = await RunAsync([text]);
        Assert.Equal(DeliveryState.Dead, outcome.State);
        Assert.StartsWith(
            "exit status 127, as of a program that cannot be run", outcome.Detail, StringComparison.Ordinal);
        Assert.Contains(
            "would run as root", (await RunAsync([text], user: "root")).Detail, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Nothing_starts_once_its_time_is_over()
    {
        string made = Path.Combine(_folder, "made");
        PolicyOutcome outcome = await RunAsync(["/bin/touch", made], limit: new CancellationToken(canceled: true));
        Assert.Equal(DeliveryState.Failed, outcome.State);
        Assert.False(File.Exists(made));
    }

    [Fact]
    public void Description_quotes_as_a_shell_would()
    {
        string[] command = ["/bin/x", "a b", "it's", "{path}"];
        var rule = new Rule { Name = "r", When = new(), Policy = "command", Command = command };
        Assert.Equal("run /bin/x 'a b' 'it'\\''s' {path} as nobody", _policy.Describe(rule));
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task UntilDeadAsync(int pid)
    {
        // Killed is not yet dead; one that was not killed would live a thousand seconds.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (IsAlive(pid)) await Task.Delay(10, patience.Token);
    }

    private async Task<PolicyOutcome> RunAsync(
        string[] command, string payload = "{}", string user = "nobody", string[]? paths = null, string? impacts = null,
        CancellationToken limit = default)
    {
        impacts ??= paths is null
            ? "[]"
            : $"[{{\"owner\":\"inode\",\"severity\":\"file_data\",\"paths\":{JsonSerializer.Serialize(paths)}}}]";
        var notice = new Notice
        {
            Number = 1, Failure = Failure, Revision = 1, Cause = NoticeCause.Reported, State = NoticeState.Published,
            Device = 1, Range = new ByteRange(4096, 512), Kind = FailureKind.Media, Medium = MediumState.Confirmed,
            Content = ContentState.Lost, Time = DateTimeOffset.UnixEpoch, Impacts = Encoding.UTF8.GetBytes(impacts),
        };
        var rule = new Rule { Name = "run", When = new(), Policy = "command", Command = command, User = user };
        return await _policy.ApplyAsync(new("party", rule, [notice], Encoding.UTF8.GetBytes(payload), "key"), limit)
            .WaitAsync(TimeSpan.FromSeconds(120), CancellationToken.None);
    }
}
