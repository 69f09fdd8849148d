// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;

namespace Holdfast.Core.Delivery;

/// <summary>What all lanes share.</summary>
/// <param name="Random">For the jitter of retries.</param>
/// <param name="Run">Names this run of the daemon, so that attempts of another one are known.</param>
internal sealed record PushLaneServices(
    TimeProvider Time, LockedRandom Random, PushOptions Options, RuleSet Rules,
    IReadOnlyDictionary<string, IPolicy> Policies, string Run, string Host)
{
    private readonly Dictionary<string, LeftBehind> _leftBehind =
        Policies.Keys.ToDictionary(name => name, _ => new LeftBehind(Options.LeftBehindMax));

    internal LeftBehind LeftBehindOf(IPolicy policy) => _leftBehind[policy.Name];
}
