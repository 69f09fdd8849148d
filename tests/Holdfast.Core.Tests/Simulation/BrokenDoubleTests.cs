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

    [Theory]
    [InlineData("UPDATE failures SET length = 32768 - offset", "byte invented")]
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

    private static void AssertSeen(string promise, string? lie, string? steadyLie)
    {
        var seen = new HashSet<string>();
        for (int seed = 1; seed <= 60; seed++)
        {
            using var simulation = new Simulation(seed, lie: lie, steadyLie: steadyLie);
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

    private sealed class Idle(IPolicy inner) : Double(inner)
    {
        public override Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(new PolicyOutcome(DeliveryState.Done, null));
    }
}
