// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Configuration;
using Holdfast.Core.Delivery;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Intake;

namespace Holdfast.Core.Tests.Policies;

/// <summary>C14: what acts is off, bounded, and said; the engine and `policy explain` ask the same gates.</summary>
public sealed class ActingTests : IDisposable
{
    private static readonly DeliveryGates Open = new(null, [], 0);
    private static readonly FeedItem Confirmed = Requests.Item(Requests.Notice());

    private readonly MemoryLedger _ledger = new();

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void An_acting_rule_acts_when_all_gates_are_open() =>
        Assert.Null(Open.Obstacle(Rules(new()), Confirmed.Notice.Time, Acting, new OncePolicy(), Confirmed));

    [Theory]
    [InlineData("off", "acting is not turned on")]
    [InlineData("suspect", "confirmed")]
    [InlineData("disarmed", "disarmed by root")]
    [InlineData("silenced", "silenced until")]
    [InlineData("cap", "acting.max_per_hour")]
    [InlineData("dry", "dry run: would be done once")]
    public void Each_gate_alone_stops_it_and_says_why(string gate, string why)
    {
        FeedItem item = gate == "suspect"
            ? Requests.Item(Requests.Notice() with { Medium = MediumState.Suspect })
            : Confirmed;
        DeliveryGates gates = gate switch
        {
            "disarmed" => Open with { Disarmed = "disarmed by root" },
            "silenced" => Open with { Silences = [Silence(item)] },
            "cap" => Open with { ActsOfLate = 2 },
            _ => Open,
        };
        RuleSet rules = Rules(new() { IsDryRun = gate == "dry" }, gate != "off");
        PolicyOutcome? outcome = gates.Obstacle(rules, item.Notice.Time, Acting, new OncePolicy(), item);
        Assert.Equal(DeliveryState.Ignored, outcome!.State);
        Assert.Contains(why, outcome.Detail, StringComparison.Ordinal);
        string would = PolicyExplanation.Of(
            rules, [new OncePolicy()], PartyOf("p"), item, gates, item.Notice.Time).Would;
        Assert.Equal($"nothing, for {outcome.Detail}; else: would be done once", would);
    }

    [Fact]
    public void A_silence_is_explained_to_a_party_that_has_no_rule()
    {
        var rules = new RuleSet([], "", false);
        string would = PolicyExplanation.Of(
            rules, [], PartyOf("p"), Confirmed, Open with { Silences = [Silence(Confirmed)] },
            Confirmed.Notice.Time).Would;
        Assert.StartsWith("nothing, for silenced until", would, StringComparison.Ordinal);
    }

    /// <summary>Counted in the ledger: a restart does not reset it, and what does not act is not counted.</summary>
    [Fact]
    public void The_cap_counts_acting_attempts_of_the_last_hour_of_every_run()
    {
        foreach ((long sequence, string run, bool acts) in (IEnumerable<(long, string, bool)>)[
            (1, "old", true), (2, "old", false), (3, "new", true)])
        {
            DeliveryRows.Insert(
                _ledger.Session, "p", Requests.Item(Requests.Notice() with { Number = sequence, Sequence = sequence }),
                DeliveryState.Pending, null, "act", "");
            DeliveryRows.Begin(_ledger.Session, "p", [sequence], "command", isOnce: true, run, acts);
        }

        Assert.Equal(2, DeliveryRows.ActsOfLate(_ledger.Session));
        Assert.NotNull(DeliveryGates.CapReached(Rules(new()), Acting, 2));
        Assert.Null(DeliveryGates.CapReached(Rules(new()), Acting, 1));
        Assert.Null(DeliveryGates.CapReached(Rules(new()), Acting with { Acts = false }, 2));
        _ledger.Session.Execute("UPDATE attempts SET started = started - 3601000000");
        Assert.Equal(0, DeliveryRows.ActsOfLate(_ledger.Session));
    }

    [Fact]
    public void More_processes_than_a_machine_should_decide_about_are_left_to_a_person()
    {
        ProcessTarget[] targets = [.. Enumerable.Range(100, 4).Select(id => new ProcessTarget(id, "db", "db.service"))];
        Assert.Null(PermittedProcesses.Of(Limits with { ProcessesMax = 3 }, targets, own: 50, out string? refusal));
        Assert.Equal("4 processes have it, more than acting.max_processes (3)", refusal);
        PermittedProcesses? permitted = PermittedProcesses.Of(
            Limits with { ProcessesMax = 4 }, [.. targets, .. targets], own: 50, out refusal);
        Assert.Equal((targets.Length, null), (permitted!.Processes.Count, refusal));
    }

    [Fact]
    public void Nothing_is_permitted_while_acting_is_off()
    {
        Assert.Null(PermittedProcesses.Of(new(), [new(100, "db", null)], own: 50, out string? refusal));
        Assert.Contains("acting.enabled", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, "db.service", true)]
    [InlineData(100, null, false)]
    [InlineData(100, "cron.service", false)]
    [InlineData(100, "sshd.service", false)]
    [InlineData(100, "getty@tty1.service", false)]
    [InlineData(1, null, false)]
    [InlineData(2, null, false)]
    [InlineData(50, "holdfastd.service", false)]
    public void Protected_units_init_and_the_daemon_itself_are_spared(int process, string? unit, bool isPermitted)
    {
        ActingLimits limits = Limits with { ProtectedUnits = ["sshd.service", "getty@*", "cron"] };
        PermittedProcesses permitted = PermittedProcesses.Of(limits, [new(process, "x", unit)], own: 50, out _)!;
        Assert.Equal((isPermitted ? 1 : 0, isPermitted ? 0 : 1), (permitted.Processes.Count, permitted.Spared.Count));
    }

    [Fact]
    public void A_receiver_that_asks_for_patience_gets_it_within_bounds()
    {
        var options = new PushOptions();
        var random = new LockedRandom(1);
        Assert.Equal(TimeSpan.FromSeconds(90), RetryDelay.Of(options, random, 0, 0, TimeSpan.FromSeconds(90)));
        Assert.Equal(options.RetryMax, RetryDelay.Of(options, random, 0, 0, TimeSpan.FromDays(9)));
        // Who always asks for a second is not tried every second until all attempts are used up.
        TimeSpan sixth = RetryDelay.Of(options, random, 0, 6, TimeSpan.FromSeconds(1))!.Value;
        Assert.InRange(sixth, options.RetryFirst * 48, options.RetryFirst * 80);
    }

    [Fact]
    public void A_restart_goes_on_with_the_waits_it_had_come_to()
    {
        var options = new PushOptions();
        var random = new LockedRandom(1);
        Assert.Null(RetryDelay.Of(options, random, 0, 3, null));
        TimeSpan wait = RetryDelay.Of(options, random, 5, 1, null)!.Value;
        Assert.InRange(wait, options.RetryFirst * 48, options.RetryFirst * 80);
        TimeSpan longest = RetryDelay.Of(options, random, 40, 9, null)!.Value;
        Assert.InRange(longest, options.RetryMax * 0.75, options.RetryMax);
    }

    private static ActingLimits Limits => new() { Enabled = true };

    private static Rule Acting => new() { Name = "act", When = new(), Policy = "once", Acts = true };

    private static RuleSet Rules(ActingLimits limits, bool isEnabled = true) =>
        new([Acting], "", isEnabled) { Acting = limits with { PerHourMax = 2 } };

    private static Silence Silence(FeedItem item) => new(
        "s", new(null, null, null, null), null, item.Notice.Time.AddHours(1), "root", null);

    private static Party PartyOf(string name) => new()
    {
        Name = name, Kind = PartyKind.Configured, Filter = new(null, null, null, null), Cursor = 0, LastSeen = default,
    };

    private sealed class OncePolicy : IPolicy
    {
        public string Name => "once";

        public EffectKind Effect => EffectKind.AtMostOnce;

        public Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(new PolicyOutcome(DeliveryState.Done, null));

        public string Describe(Rule rule) => "would be done once";
    }
}
