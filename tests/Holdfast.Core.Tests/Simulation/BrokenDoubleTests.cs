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
    [InlineData("UPDATE notices SET sequence = sequence + 1 WHERE sequence = (SELECT max(sequence) FROM notices)", "hole")]
    [InlineData("DELETE FROM reports", "accepted report")]
    [InlineData("UPDATE notices SET state = 0 WHERE number = 1", "never published")]
    [InlineData("UPDATE deliveries SET state = 0", "never settled")]
    public void A_ledger_that_lies_is_seen(string lie, string promise)
    {
        var seen = new List<string>();
        for (int seed = 1; seed <= 20; seed++)
        {
            using var simulation = new Simulation(seed, lie: lie);
            try
            {
                simulation.Run();
            }
            catch (BrokenPromiseException broken)
            {
                seen.Add(broken.Message);
            }
        }

        Assert.Contains(seen, message => message.Contains(promise, StringComparison.Ordinal));
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
