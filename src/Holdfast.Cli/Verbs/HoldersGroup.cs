// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Verbs;

/// <summary>holdfast holders …</summary>
internal sealed class HoldersGroup : VerbGroup
{
    public override string Name => "holders";

    public override string Description => "Who answers for a device's content, and how far they have come";

    public override IReadOnlyList<IVerb> Verbs =>
    [
        new HoldersListVerb(), new HoldersPutVerb(), new HoldersReleaseVerb(), new HoldersJudgeVerb(isMoved: true),
        new HoldersJudgeVerb(isMoved: false),
    ];
}
