// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Cli.Input;

namespace Holdfast.Cli.Verbs;

/// <summary>holdfast holders release.</summary>
internal sealed class HoldersReleaseVerb : IDaemonVerb
{
    private readonly DaemonOptions _daemon = new();
    private readonly Argument<string> _name = new("NAME") { Description = "The holder's name" };
    private readonly Option<long?> _epoch = new("--epoch")
    {
        Description = "Only if this is its epoch", HelpName = "N",
    };

    public string Name => "release";

    public string Description => "End a claim (root); once more does no harm";

    public IReadOnlyList<Example> Examples =>
        [new("holdfast holders release data", "The filesystem is not there any more")];

    public void AddTo(Command command)
    {
        command.Arguments.Add(_name);
        command.Options.Add(_epoch);
        _daemon.AddTo(command);
    }

    public ExitBits Run(ParseResult parsed)
    {
        string name = parsed.GetValue(_name)!;
        _daemon.Do(
            parsed, client => client.ReleaseHolderAsync(name, parsed.GetValue(_epoch)),
            json => json.WriteString("released"u8, name));
        return ExitBits.None;
    }
}
