// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Core.Ledger;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast ledger export.</summary>
internal sealed class LedgerExportVerb : IDaemonVerb
{
    private readonly Option<string> _ledger = LedgerOption.New();
    private readonly Option<long> _after = new("--after")
    {
        Description = "Only what happened after this place: the last \"seq\" of the export before", HelpName = "SEQ",
    };

    public string Name => "export";

    public string Description => "Write everything that happened to failures, one JSON object a line";

    public IReadOnlyList<Example> Examples =>
        [new("holdfast ledger export --after 1000 > more.jsonl", "For a store of many hosts")];

    public void AddTo(Command command)
    {
        _after.AtLeast(0);
        command.Options.Add(_after);
        command.Options.Add(_ledger);
    }

    public ExitBits Run(ParseResult parsed)
    {
        using Stream output = DescriptorStream.OpenOutput();
        string ledger = parsed.GetValue(_ledger)!;
        LedgerOption.Told(ledger, () => LedgerFile.Export(
            ledger, output, parsed.GetValue(_after), Environment.MachineName));
        return ExitBits.None;
    }
}
