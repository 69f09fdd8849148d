// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Verbs;

/// <summary>holdfast ledger …</summary>
internal sealed class LedgerGroup : VerbGroup
{
    public override string Name => "ledger";

    public override string Description => "Check, copy or write out the daemon's ledger";

    public override IReadOnlyList<IVerb> Verbs =>
        [new LedgerCheckVerb(), new LedgerBackupVerb(), new LedgerExportVerb()];
}
