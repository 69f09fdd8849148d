// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast parties: who is told.</summary>
internal sealed class PartiesVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Option<string?> _remove = new("--remove") { Description = "Give a party up", HelpName = "NAME" };

    public string Name => "parties";

    public string Description => "Who is told of failures, and how far behind they are";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast parties", "Everybody but the holders"),
        new("holdfast parties --remove old-database", "One that never comes back"),
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_remove);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        if (parsed.GetValue(_remove) is { } name)
        {
            _daemon.Do(
                parsed, client => client.RemovePartyAsync(name), json => json.WriteString("removed"u8, name));
            return ExitBits.None;
        }

        PartyListJson parties = _daemon.Ask(parsed, client => client.ListPartiesAsync());
        if (parsed.GetValue(_daemon.Json))
        {
            DaemonJson.Write(parties, ContractJson.Default.PartyListJson);
            return ExitBits.None;
        }

        using Stream output = DescriptorStream.OpenOutput();
        using IPage page = Terminal.OpenPage(output);
        if (parties.Items.Count == 0)
        {
            page.Text("no parties");
            return ExitBits.None;
        }

        var table = new TextTable("party", "kind", "behind", "pending", "dead", "unknown", "last seen");
        foreach (PartyJson at in parties.Items)
        {
            table.Add(
                VisibleText.Of(at.Name), at.Kind, new($"{at.Behind}", at.Behind > 0 ? Tone.Warning : Tone.Plain),
                $"{at.Pending}", new($"{at.Dead}", at.Dead > 0 ? Tone.Bad : Tone.Plain),
                new($"{at.Unknown}", at.Unknown > 0 ? Tone.Bad : Tone.Plain), DaemonText.TimeOf(at.LastSeen));
        }

        table.WriteTo(page);
        return ExitBits.None;
    }
}
