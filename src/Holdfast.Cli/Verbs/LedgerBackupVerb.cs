// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Core.Ledger;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast ledger backup.</summary>
internal sealed class LedgerBackupVerb : IDaemonVerb
{
    private readonly Option<string> _ledger = LedgerOption.New();
    private readonly Argument<string> _destination = new("FILE") { Description = "Where to; nothing may be there yet" };

    public string Name => "backup";

    public string Description => "Copy a ledger as it is at one moment, while the daemon goes on";

    public IReadOnlyList<Example> Examples => [new("holdfast ledger backup /backup/holdfast.db", "Every night")];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_destination);
        command.Options.Add(_ledger);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string destination = parsed.GetValue(_destination)!;
        LedgerOption.Told(() =>
        {
            LedgerFile.Backup(parsed.GetValue(_ledger)!, destination);
            return true;
        });
        return ExitBits.None;
    }
}
