// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;
using Holdfast.Cli.Output;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast replay: dead deliveries are tried again.</summary>
internal sealed class ReplayVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Option<string?> _party = new("--party") { Description = "Only this party's", HelpName = "NAME" };
    private readonly Option<Guid?> _failure = new("--failure")
    {
        Description = "Only of this failure", HelpName = "ID",
    };
    private readonly Option<bool> _unknown = new("--unknown")
    {
        Description = "Also those whose outcome is unknown: the effect may then happen twice",
    };

    public string Name => "replay";

    public string Description => "Try dead deliveries again (root)";

    public IReadOnlyList<Example> Examples => [new("holdfast replay --party oncall", "The receiver is back")];

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_party, _failure, _unknown]) command.Options.Add(option);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        var request = new ReplayRequest
        {
            Party = parsed.GetValue(_party), Failure = parsed.GetValue(_failure), Unknown = parsed.GetValue(_unknown),
        };
        ReplayAnswer answer = _daemon.Ask(parsed, client => client.ReplayAsync(request));
        if (parsed.GetValue(_daemon.Json)) DaemonJson.Write(answer, ContractJson.Default.ReplayAnswer);
        else Program.Say($"{ByteText.Count(answer.Requeued, "delivery is", "deliveries are")} tried again");
        return ExitBits.None;
    }
}
