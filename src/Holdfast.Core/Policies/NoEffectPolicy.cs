// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;

namespace Holdfast.Core.Policies;

/// <summary>
/// A decision that is its own outcome: there is nothing to do, nothing that could fail, and no attempt to record.
/// </summary>
public sealed class NoEffectPolicy : IPolicy
{
    private readonly PolicyOutcome _outcome;
    private readonly string _would;

    private NoEffectPolicy(string name, PolicyOutcome outcome, string would)
    {
        Name = name;
        _outcome = outcome;
        _would = would;
    }

    public static NoEffectPolicy Ignore { get; } = new(
        "ignore", new(DeliveryState.Ignored, "the rule ignores it"), "nothing: the rule ignores it");

    public static NoEffectPolicy Report { get; } = new(
        "report", new(DeliveryState.Done, "it is in the party's feed"),
        "nothing more than to stand in the party's feed");

    public string Name { get; }

    public EffectKind Effect => EffectKind.Idempotent;

    public PolicyOutcome Outcome => _outcome;

    public static NoEffectPolicy? Find(string name) =>
        name == Ignore.Name ? Ignore : name == Report.Name ? Report : null;

    public Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(_outcome);

    public string Describe(Rule rule) => _would;
}
