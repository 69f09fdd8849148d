// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Core.Ledger;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast ledger check.</summary>
internal sealed class LedgerCheckVerb : IDaemonVerb
{
    private readonly Option<string> _ledger = LedgerOption.New();

    private readonly Option<bool> _json = LedgerOption.Json();

    public string Name => "check";

    public string Description => "Check every page of a ledger";

    public IReadOnlyList<Example> Examples => [new("holdfast ledger check", "While the daemon runs, or without one")];

    public void AddTo(Command command)
    {
        command.Options.Add(_ledger);
        command.Options.Add(_json);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string path = parsed.GetValue(_ledger)!;
        IReadOnlyList<string> faults = LedgerOption.Told(path, () => LedgerFile.Check(path));
        if (parsed.GetValue(_json)) Write(path, faults);
        foreach (string fault in faults) Program.Say($"{path}: {fault}");
        if (faults.Count > 0) return ExitBits.Failed;
        Program.Say($"{path}: sound");
        return ExitBits.None;
    }

    private static void Write(string path, IReadOnlyList<string> faults) => DaemonJson.WriteObject(json =>
    {
        json.WriteString("ledger"u8, path);
        json.WriteBoolean("sound"u8, faults.Count == 0);
        json.WriteStartArray("faults"u8);
        foreach (string fault in faults) json.WriteStringValue(fault);
        json.WriteEndArray();
    });
}
