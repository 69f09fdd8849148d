// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>
/// Goal: each promise that the simulation checks can be seen broken. Method: doubles that break one, over a few seeds.
/// </summary>
public sealed class BrokenDoubleTests
{
    [Fact]
    public void An_effect_that_happens_twice_is_seen() => Assert.Contains(
        "happened twice", FirstBroken(policy => new Doubled(policy)), StringComparison.Ordinal);

    [Fact]
    public void A_delivery_that_only_claims_to_be_done_is_seen() => Assert.Contains(
        "nothing happened", FirstBroken(policy => new Idle(policy)), StringComparison.Ordinal);

    [Fact]
    public void An_effect_out_of_order_is_seen() => Assert.Contains(
        "effect of", FirstBroken(policy => new Late(policy)), StringComparison.Ordinal);

    [Fact]
    public void What_cannot_be_undone_done_for_what_is_not_durable_is_seen() =>
        // A ledger that fails just when something comes that cannot be refused is rare.
        AssertSeen("not durable yet", null, null, policy => new Harmless(policy), seeds: 500);

    [Theory]
    [InlineData("UPDATE failures SET length = 32768 - offset", "byte invented")]
    [InlineData(Overlap, "two active failures")]
    [InlineData("UPDATE notices SET instance = 1, cause = 0", "was published behind")]
    [InlineData("UPDATE parties SET scanned = scanned - 1 WHERE name = 'oncall'", "the party was told up to")]
    [InlineData("DELETE FROM failures", "byte lost")]
    [InlineData("DELETE FROM notices", "no notice")]
    [InlineData("UPDATE notices SET sequence = sequence + 1 WHERE sequence = (SELECT max(sequence) FROM notices)",
        "hole")]
    [InlineData("DELETE FROM reports WHERE key LIKE 'r%'", "accepted report")]
    [InlineData("DELETE FROM reports WHERE key LIKE 'o%'", "was offered")]
    [InlineData("UPDATE notices SET state = 0 WHERE number = 1", "never published")]
    [InlineData("UPDATE deliveries SET state = 0", "never settled")]
    [InlineData(Again + "0" + From, "once more")]
    [InlineData(Again + "4" + From, "no holder ever heard")]
    public void A_ledger_that_lies_is_seen(string lie, string promise) => AssertSeen(promise, lie, null);

    /// <summary>C3, C4, C6, C14: a ledger that says something else in between.</summary>
    [Theory]
    [InlineData("UPDATE claims SET state = 4 WHERE instance IS NOT NULL", "C3: ")]
    [InlineData("UPDATE claims SET decisions = 10922", "C4: ")]
    [InlineData("UPDATE notices SET device = 3 - device WHERE state = 1", "does not hold")]
    [InlineData("UPDATE instances SET cursor = 0", "has settled")]
    [InlineData(
        "UPDATE parties SET fs = (SELECT max(uuid) FROM instances) WHERE name = 'sub'", "the subscriber misses")]
    [InlineData("DELETE FROM meta WHERE name = 'disarmed'", "while disarmed")]
    public void A_notifier_that_is_lied_to_is_seen(string lie, string promise) => AssertSeen(promise, null, lie);

    /// <summary>A failing seed is worth something only if it fails again.</summary>
    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_seed_goes_the_same_way_again(int seed)
    {
        Assert.Equal(TraceOf(seed), TraceOf(seed));
        Assert.NotEqual(TraceOf(seed), TraceOf(seed + 1));
    }

    private const string Overlap = """
        INSERT INTO failures
        SELECT randomblob(16), revision, device, offset + 512, length - 512, kind, medium, content, instance,
            first_seen, last_seen, count, sources, NULL, 0, open, 1, owner, note
        FROM failures WHERE active AND length > 512 LIMIT 1
        """;

    private const string Again = """
        INSERT INTO notices (failure, revision, cause, state, sequence, device, instance, offset, length, kind, medium,
            content, time)
        SELECT failure, revision, 
        """;

    private const string From = """
        , 2, NULL, device, instance, offset, length, kind, medium, content, time
        FROM notices WHERE cause = 0 AND instance IS NOT NULL
        """;

    private static List<string> TraceOf(int seed)
    {
        using var simulation = new Simulation(seed);
        simulation.Run();
        return [.. simulation.Trace];
    }

    private static void AssertSeen(
        string promise, string? lie, string? steadyLie, Func<IPolicy, IPolicy>? wrap = null, int seeds = 60)
    {
        var seen = new HashSet<string>();
        for (int seed = 1; seed <= seeds; seed++)
        {
            using var simulation = new Simulation(seed, wrap, lie, steadyLie);
            try
            {
                simulation.Run();
            }
            catch (BrokenPromiseException broken)
            {
                seen.Add(broken.Message.Split('\n')[0]);
                if (broken.Message.Contains(promise, StringComparison.Ordinal)) return;
            }
        }

        Assert.Fail($"\"{promise}\" was not seen, but: {string.Join("; ", seen)}");
    }

    private static string FirstBroken(Func<IPolicy, IPolicy> wrap)
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            using var simulation = new Simulation(seed, wrap);
            try
            {
                simulation.Run();
            }
            catch (BrokenPromiseException broken)
            {
                return broken.Message;
            }
        }

        return "nothing was seen";
    }

    private abstract class Double(IPolicy inner) : IPolicy
    {
        public string Name => inner.Name;

        public EffectKind Effect => inner.Effect;

        public string Describe(Rule rule) => inner.Describe(rule);

        public abstract Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken);
    }

    private sealed class Doubled(IPolicy inner) : Double(inner)
    {
        private readonly IPolicy _inner = inner;

        public override async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
        {
            await _inner.ApplyAsync(request, cancellationToken);
            return await _inner.ApplyAsync(request, cancellationToken);
        }
    }

    /// <summary>Says at once that it is done, and does it after the next.</summary>
    private sealed class Late(IPolicy inner) : Double(inner)
    {
        private readonly IPolicy _inner = inner;
        private PolicyRequest? _left;

        public override async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
        {
            if (_left is null)
            {
                _left = request;
                return new PolicyOutcome(DeliveryState.Done, null);
            }

            PolicyOutcome outcome = await _inner.ApplyAsync(request, cancellationToken);
            await _inner.ApplyAsync(_left, cancellationToken);
            _left = null;
            return outcome;
        }
    }

    /// <summary>
    /// Says that doing it twice does no harm, whatever it is. It does what is not durable only: else the first that is
    /// seen is what a crash did twice.
    /// </summary>
    private sealed class Harmless(IPolicy inner) : IPolicy
    {
        public string Name => inner.Name;

        public EffectKind Effect => EffectKind.Idempotent;

        public string Describe(Rule rule) => inner.Describe(rule);

        public Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken) =>
            request.Notices.Any(notice => notice.IsDurable)
                ? Task.FromResult(new PolicyOutcome(DeliveryState.Done, null))
                : inner.ApplyAsync(request, cancellationToken);
    }

    private sealed class Idle(IPolicy inner) : Double(inner)
    {
        public override Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(new PolicyOutcome(DeliveryState.Done, null));
    }
}
