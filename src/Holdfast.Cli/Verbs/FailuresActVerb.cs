// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Parsing;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Contract;

namespace Holdfast.Cli.Verbs;

/// <summary>What an administrator may say of a failure.</summary>
internal enum FailureAct
{
    Confirm,
    Clear,
    Acknowledge,
}

/// <summary>holdfast failures confirm, clear and ack.</summary>
internal sealed class FailuresActVerb(FailureAct act) : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Argument<Guid[]> _ids = new("ID") { Description = "Failures", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _note = new("--note") { Description = "Why, for the record", HelpName = "TEXT" };
    private readonly Option<string?> _owner = new("--owner")
    {
        Description = "Who takes care of it", HelpName = "NAME",
    };
    private readonly Option<string> _how = new("--how")
    {
        Description = "rewritten: something new was written there; restored: the old content is back; "
            + "dismissed: it does not matter",
        HelpName = "HOW",
        Required = true,
    };

    public string Name => act switch
    {
        FailureAct.Confirm => "confirm",
        FailureAct.Clear => "clear",
        _ => "ack",
    };

    public string Description => act switch
    {
        FailureAct.Confirm => "Say that a probe of root's read the bytes and they failed (root)",
        FailureAct.Clear => "Say what became of the content (root). That says nothing of the medium",
        _ => "Say who takes care of it",
    };

    public IReadOnlyList<Example> Examples => act switch
    {
        FailureAct.Confirm =>
        [
            new("holdfast failures confirm 01a222db-60a2-7000-90d4-8245bdd8af20 --note 'dd fails there'",
                "What you tried yourself"),
        ],
        FailureAct.Clear =>
        [
            new("holdfast failures clear 01a222db-60a2-7000-90d4-8245bdd8af20 --how restored",
                "The file is back from a backup"),
        ],
        _ =>
        [
            new("holdfast failures ack 01a222db-60a2-7000-90d4-8245bdd8af20 --owner anna --note 'disk ordered'",
                "So that others need not ask"),
        ],
    };

    public void AddTo(Command command)
    {
        // Of many, the parser leaves out those that are none.
        _ids.Validators.Add(result =>
        {
            foreach (Token id in result.Tokens)
            {
                if (!Guid.TryParse(id.Value, out _)) result.AddError($"{id.Value}: no id of a failure");
            }
        });
        _how.AcceptOnlyFromAmong("rewritten", "restored", "dismissed");
        command.Arguments.Add(_ids);
        if (act == FailureAct.Clear) command.Options.Add(_how);
        if (act == FailureAct.Acknowledge) command.Options.Add(_owner);
        command.Options.Add(_note);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        var request = new FailureActionRequest
        {
            How = act == FailureAct.Clear ? parsed.GetValue(_how) : null,
            Owner = act == FailureAct.Acknowledge ? parsed.GetValue(_owner) : null,
            Note = parsed.GetValue(_note),
        };
        foreach (Guid id in parsed.GetValue(_ids)!)
        {
            FailureRevisionJson after = _daemon.Ask(parsed, client => client.ActAsync(id, Name, request));
            if (parsed.GetValue(_daemon.Json)) DaemonJson.Write(after, ContractJson.Default.FailureRevisionJson);
        }

        return ExitBits.None;
    }
}
