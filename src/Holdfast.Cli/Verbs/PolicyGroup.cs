// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Verbs;

/// <summary>holdfast policy …</summary>
internal sealed class PolicyGroup : VerbGroup
{
    public override string Name => "policy";

    public override string Description =>
        "Check the configuration's rules, ask what they would do, and what may be acted on";

    public override IReadOnlyList<IVerb> Verbs =>
        [new PolicyCheckVerb(), new PolicyExplainVerb(), new PolicyGuardVerb()];
}
