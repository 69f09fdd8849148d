// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Core.Ledger;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast ledger backup.</summary>
internal sealed class LedgerBackupVerb : IDaemonVerb
{
    private readonly Option<string> _ledger = LedgerOption.New();
    private readonly Option<bool> _json = LedgerOption.Json();
    private readonly Argument<string> _destination = new("FILE") { Description = "Where to; nothing may be there yet" };

    public string Name => "backup";

    public string Description => "Copy a ledger as it is at one moment, while the daemon goes on";

    public IReadOnlyList<Example> Examples => [new("holdfast ledger backup /backup/holdfast.db", "Every night")];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_destination);
        command.Options.Add(_ledger);
        command.Options.Add(_json);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string ledger = parsed.GetValue(_ledger)!;
        string destination = parsed.GetValue(_destination)!;
        LedgerOption.Told(ledger, () =>
        {
            LedgerFile.Backup(ledger, destination);
            return true;
        });
        if (parsed.GetValue(_json))
        {
            DaemonJson.WriteObject(json =>
            {
                json.WriteString("ledger"u8, ledger);
                json.WriteString("backup"u8, destination);
                json.WriteNumber("bytes"u8, new FileInfo(destination).Length);
            });
        }

        return ExitBits.None;
    }
}
