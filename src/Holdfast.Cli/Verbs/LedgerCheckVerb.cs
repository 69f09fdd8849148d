// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Core.Ledger;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast ledger check.</summary>
internal sealed class LedgerCheckVerb : IDaemonVerb
{
    private readonly Option<string> _ledger = LedgerOption.New();

    public string Name => "check";

    public string Description => "Check every page of a ledger";

    public IReadOnlyList<Example> Examples => [new("holdfast ledger check", "While the daemon runs, or without one")];

    public void AddTo(Command command) => command.Options.Add(_ledger);

    public ExitBits Run(ParseResult parsed)
    {
        string path = parsed.GetValue(_ledger)!;
        IReadOnlyList<string> faults = LedgerOption.Told(() => LedgerFile.Check(path));
        foreach (string fault in faults) Program.Say($"{path}: {fault}");
        if (faults.Count > 0) return ExitBits.Failed;
        Program.Say($"{path}: sound");
        return ExitBits.None;
    }
}
