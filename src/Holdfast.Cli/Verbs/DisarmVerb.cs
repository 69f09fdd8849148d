// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Contract;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast disarm: the one switch that stops everything which does more than tell.</summary>
internal sealed class DisarmVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Option<bool> _arm = new("--arm") { Description = "Let it act again" };
    private readonly Option<string?> _note = new("--note") { Description = "Why, for the record", HelpName = "TEXT" };

    public string Name => "disarm";

    public string Description => "Stop every command and signal at once, until armed again (root)";

    public IReadOnlyList<Example> Examples =>
    [
        new("holdfast disarm --note 'moving the array'", "Nothing runs any more; everybody is still told"),
        new("holdfast disarm --arm", "As before"),
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_arm);
        command.Options.Add(_note);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        bool isArmed = parsed.GetValue(_arm);
        var request = new DisarmRequest { Disarmed = !isArmed, Note = parsed.GetValue(_note) };
        _daemon.Do(
            parsed, client => client.DisarmAsync(request), json => json.WriteBoolean("disarmed"u8, !isArmed));
        Program.Say(isArmed ? "armed" : "disarmed: no command and no signal until holdfast disarm --arm");
        return ExitBits.None;
    }
}
