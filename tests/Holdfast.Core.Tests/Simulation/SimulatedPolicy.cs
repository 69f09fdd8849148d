// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Tests.Simulation;

/// <summary>
/// A policy that does its work, fails, is slow or hangs, and keeps a record of every effect that outlives the notifier:
/// the world does not forget when the daemon dies.
/// </summary>
internal sealed class SimulatedPolicy(
    string name, EffectKind effect, Random random, TimeProvider time, Func<bool> isFaulty, List<Effect> effects)
        : IPolicy
{
    public string Name => name;

    public EffectKind Effect => effect;

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        int fate = isFaulty() ? random.Next(12) : 12;
        if (fate == 0) return new(DeliveryState.Failed, "simulated: refused before anything was done");
        if (fate == 1) throw new IOException("simulated: broken in the middle");
        if (fate == 2) await Task.Delay(TimeSpan.FromSeconds(random.Next(90)), time, cancellationToken);
        foreach (Notice notice in request.Notices) effects.Add(new(name, request.Party, notice));
        // Done, but nobody hears of it in time.
        if (fate == 3) await new TaskCompletionSource().Task;
        if (fate == 4) throw new IOException("simulated: broken after it was done");
        return new(DeliveryState.Done, null);
    }

    public string Describe(Rule rule) => name;
}

/// <summary>Something that happened in the world.</summary>
internal sealed record Effect(string Policy, string Party, Notice Notice);
