// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Contract;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast scans: the scans that the daemon's configuration has, and how far each is.</summary>
internal sealed class ScansVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Option<string?> _start = new("--start")
    {
        Description = "Begin this one, or go on with it, without waiting for its time or its hours (root)",
        HelpName = "NAME",
    };

    public string Name => "scans";

    public string Description => "How far the daemon's scheduled scans are";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast scans", "What is read, what was found, when it is done"),
        new("holdfast scans --start archive", "Not only next month"),
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_start);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        if (parsed.GetValue(_start) is { } name)
        {
            _daemon.Do(
                parsed, client => client.StartScanAsync(name), json => json.WriteString("started"u8, name));
            Program.Say($"{name} begins, or goes on");
            return ExitBits.None;
        }

        StatusJson status = _daemon.Ask(parsed, client => client.StatusAsync());
        IReadOnlyList<ScanJson> scans = status.Scans ?? [];
        if (parsed.GetValue(_daemon.Json))
        {
            DaemonJson.WriteObject(json =>
            {
                json.WritePropertyName("scans"u8);
                JsonSerializer.Serialize(json, scans, ContractJson.Default.IReadOnlyListScanJson);
            });
            return ExitBits.None;
        }

        using Stream output = DescriptorStream.OpenOutput();
        using IPage page = Terminal.OpenPage(output);
        if (scans.Count == 0) page.Line([], "no scan is configured: docs/scanning.md");
        foreach (ScanJson scan in scans) page.Line([], ScheduledScanText.Of(scan));
        return ExitBits.None;
    }
}
