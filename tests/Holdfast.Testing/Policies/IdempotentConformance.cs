// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Xunit;

namespace Holdfast.Testing.Policies;

/// <summary>What a policy must do besides whose effect may happen twice: at least once (C7).</summary>
public abstract class IdempotentConformance : PolicyConformance
{
    [Fact]
    public void It_says_that_it_may_be_done_twice() => Assert.Equal(EffectKind.Idempotent, Policy.Effect);

    /// <summary>C7: whoever is told twice can tell, by the key, that it is the same.</summary>
    [Fact]
    public async Task Twice_does_no_harm_and_has_the_same_key()
    {
        PolicyRequest request = PolicyRequests.Ordinary(Rule);
        PolicyOutcome first = await ApplyAsync(request);
        PolicyOutcome second = await ApplyAsync(request);
        Assert.Equal(first.State, second.State);
        CheckEffects(request, request);
    }

    private protected override bool MayEndIn(DeliveryState state) => state is DeliveryState.Done
        or DeliveryState.Ignored or DeliveryState.Unsupported or DeliveryState.Failed or DeliveryState.Dead;
}
