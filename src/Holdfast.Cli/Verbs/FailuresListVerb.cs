// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast failures list: a page of failures.</summary>
internal sealed class FailuresListVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Option<string> _state = new("--state")
    {
        Description = "open, closed or all", HelpName = "STATE", DefaultValueFactory = _ => "open",
    };

    private readonly Option<string?> _device = new("--device")
    {
        Description = "Only of this device", HelpName = "DEVICE",
    };
    private readonly Option<string?> _filesystem = new("--fs")
    {
        Description = "Only of this filesystem", HelpName = "UUID",
    };
    // As text: an option's own Guid costs every start what its generic code takes to compile.
    private readonly Option<string?> _after = new("--after") { Description = "From this one on", HelpName = "ID" };
    private readonly Option<int> _limit = new("--limit")
    {
        Description = "At most so many, up to 1000", HelpName = "N", DefaultValueFactory = _ => 100,
    };

    public string Name => "list";

    public string Description => "List failures, oldest first";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast failures list", "What is lost and not settled"),
        new("holdfast failures list --state all --device /dev/sdb --json | jq -r '.items[].id'",
            "All of one disk, for programs"),
    ];

    public void AddTo(Command command)
    {
        _limit.AtLeast(1);
        _after.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Guid.TryParse(text, out _))
            {
                result.AddError($"--after {text}: not a failure's id");
            }
        });
        _state.AcceptOnlyFromAmong("open", "closed", "all");
        foreach (Option option in (Option[])[_state, _device, _filesystem, _after, _limit]) command.Options.Add(option);
        _daemon.AddTo(command);
    }

    private string? DeviceOf(ParseResult parsed) =>
        parsed.GetValue(_device) is { } device ? DaemonOptions.DeviceOf(device) : null;

    private Guid? AfterOf(ParseResult parsed) => parsed.GetValue(_after) is { } id ? Guid.Parse(id) : null;

    public ExitBits Run(ParseResult parsed)
    {
        using JsonDocument page = _daemon.Ask(parsed, client => client.ListFailuresAsJsonAsync(
            parsed.GetValue(_state)!, DeviceOf(parsed), parsed.GetValue(_filesystem), AfterOf(parsed),
            parsed.GetValue(_limit)));
        List<FailureRow> rows = FailureRow.AllOf(page.RootElement);
        if (parsed.GetValue(_daemon.Json))
        {
            DaemonJson.Write(page);
            return ExitBits.None;
        }

        using Stream output = DescriptorStream.OpenOutput();
        using IPage text = Terminal.OpenPage(output);
        if (rows.Count == 0)
        {
            text.Text(new Styled("no failures", Tone.Good));
            return ExitBits.None;
        }

        foreach (IGrouping<string, FailureRow> device in rows.GroupBy(row => row.Device))
        {
            text.Line([], new Styled(VisibleText.Of(device.Key), Tone.Heading));
            var table = new TextTable("bytes", "medium", "content", "times", "last seen");
            foreach (FailureRow row in device)
            {
                table.Add(
                    DaemonText.RangeOf(row.Offset, row.Length), DaemonText.MediumOf(row.Medium),
                    DaemonText.ContentOf(row.Content), $"{row.Count}", DaemonText.TimeOf(row.LastSeen));
                // A row with the id in it is wider than 80 columns, and an id that is broken cannot be copied.
                table.Below(new Styled(VisibleText.Of(row.Id), Tone.Quiet));
            }

            table.WriteTo(text);
        }

        if (page.RootElement.TryGetProperty("next", out JsonElement next) && next.ValueKind == JsonValueKind.String)
        {
            text.Text(new Styled($"more: --after {VisibleText.Of(next.GetString()!)}", Tone.Quiet));
        }

        return ExitBits.None;
    }
}
