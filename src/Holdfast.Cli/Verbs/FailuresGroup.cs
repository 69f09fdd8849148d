// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Verbs;

/// <summary>holdfast failures …</summary>
internal sealed class FailuresGroup : VerbGroup
{
    public override string Name => "failures";

    public override string Description => "What the daemon's ledger knows to be lost; confirm, clear, acknowledge";

    public override IReadOnlyList<IVerb> Verbs =>
    [
        new FailuresListVerb(), new FailuresShowVerb(), new FailuresActVerb(FailureAct.Confirm),
        new FailuresActVerb(FailureAct.Clear), new FailuresActVerb(FailureAct.Acknowledge),
    ];
}
