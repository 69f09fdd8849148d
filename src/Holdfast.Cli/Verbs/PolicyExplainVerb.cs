// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast policy explain: which rule would do what with a failure, and why.</summary>
internal sealed class PolicyExplainVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Argument<Guid> _id = new("ID") { Description = "The failure's id" };

    public string Name => "explain";

    public string Description => "Say which rule would do what with a failure, and why; nothing is done";

    public IReadOnlyList<Example> Examples =>
        [new("holdfast policy explain 01a222db-60a2-7000-90d4-8245bdd8af20", "Why was nobody called?")];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_id);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        ExplanationJson explanation = _daemon.Ask(parsed, client => client.ExplainAsync(parsed.GetValue(_id)));
        if (parsed.GetValue(_daemon.Json))
        {
            DaemonJson.Write(explanation, ContractJson.Default.ExplanationJson);
            return ExitBits.None;
        }

        using Stream output = DescriptorStream.OpenOutput();
        using IPage page = Terminal.OpenPage(output);
        if (explanation.Parties.Count == 0) page.Text("no party is configured: failures are only in the feed");
        foreach (PartyExplanationJson party in explanation.Parties)
        {
            page.Line([], new Styled(VisibleText.Of(party.Party), Tone.Heading), $": {VisibleText.Of(party.Would)}");
            foreach (RuleVerdictJson rule in party.Rules)
            {
                bool decides = rule.Rule == party.Rule;
                string why = rule.Matches ? (decides ? "decides" : "would match, but comes later")
                    : VisibleText.Of(rule.Why ?? "");
                page.Line(["  "], new Styled($"{VisibleText.Of(rule.Rule)}: {why}", decides ? Tone.Good : Tone.Quiet));
            }
        }

        return ExitBits.None;
    }
}
