// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Xunit;

namespace Holdfast.Testing.Policies;

/// <summary>What a policy must do besides whose effect may happen at most once (C7).</summary>
public abstract class OnceConformance : PolicyConformance
{
    /// <summary>Rules by which the effect begins and then goes wrong, each in another way.</summary>
    protected abstract IReadOnlyList<Rule> BrokenRules { get; }

    /// <summary>
    /// Whether the effect is one call of the kernel's: then nothing lies between its beginning and its end that could
    /// go wrong, and there is no broken rule.
    /// </summary>
    protected virtual bool IsIndivisible => false;

    /// <summary>Rules by which it goes wrong before there is any effect.</summary>
    protected virtual IReadOnlyList<Rule> ImpossibleRules => [];

    /// <summary>Puts each in turn what makes it impossible into the policy's way, whatever its rule.</summary>
    protected virtual IReadOnlyList<Action> Obstacles => [];

    [Fact]
    public void It_says_that_it_may_not_be_done_twice() => Assert.Equal(EffectKind.AtMostOnce, Policy.Effect);

    /// <summary>C7: Failed says that nothing has happened yet, so that it could be tried again.</summary>
    [Fact]
    public async Task Once_begun_it_is_never_said_to_be_as_if_nothing_had_happened()
    {
        Assert.Equal(IsIndivisible, BrokenRules.Count == 0);
        foreach (Rule rule in BrokenRules)
        {
            int before = Effects().Count;
            PolicyOutcome outcome = await ApplyAsync(PolicyRequests.Ordinary(rule));
            Assert.Equal(before + 1, Effects().Count);
            Assert.True(outcome.State is DeliveryState.Dead or DeliveryState.Unknown, $"{rule.Name}: {outcome}");
        }
    }

    /// <summary>C7: nobody knows how far it came that was stopped in the middle.</summary>
    [Fact]
    public async Task Stopped_in_the_middle_its_outcome_is_unknown()
    {
        if (EndlessRule is not { } endless) return;
        using var limit = new CancellationTokenSource();
        Task<PolicyOutcome?> running = StoppedAsync(PolicyRequests.Ordinary(endless), limit.Token);
        await BegunAsync().WaitAsync(Patience);
        await limit.CancelAsync();
        PolicyOutcome? outcome = await running;
        // The engine takes an exception for Unknown.
        Assert.Equal(DeliveryState.Unknown, outcome?.State ?? DeliveryState.Unknown);
    }

    [Fact]
    public async Task What_cannot_begin_fails_cleanly()
    {
        Assert.NotEqual(0, ImpossibleRules.Count + Obstacles.Count);
        foreach (Rule rule in ImpossibleRules)
        {
            Assert.Equal(DeliveryState.Failed, (await ApplyAsync(PolicyRequests.Ordinary(rule))).State);
        }

        foreach (Action obstacle in Obstacles)
        {
            obstacle();
            Assert.Equal(DeliveryState.Failed, (await ApplyAsync(PolicyRequests.Ordinary(Rule))).State);
        }

        CheckEffects();
    }

    private protected override bool MayEndIn(DeliveryState state) => state is DeliveryState.Done
        or DeliveryState.Ignored or DeliveryState.Unsupported or DeliveryState.Failed or DeliveryState.Dead
        or DeliveryState.Unknown;
}
