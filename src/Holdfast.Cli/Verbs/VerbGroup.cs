// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Holdfast.Cli.Verbs;

/// <summary>A word that only begins a verb: "failures list", "failures show".</summary>
internal abstract class VerbGroup : IDaemonVerb
{
    public abstract string Name { get; }

    public abstract string Description { get; }

    /// <summary>What may follow.</summary>
    public abstract IReadOnlyList<IVerb> Verbs { get; }

    public IReadOnlyList<Example> Examples => [.. Verbs.SelectMany(verb => verb.Examples)];

    public void AddTo(Command command)
    {
        foreach (IVerb verb in Verbs) command.Subcommands.Add(Program.CommandOf(verb));
    }

    public ExitBits Run(ParseResult parsed) => throw new CommandFailure(
        $"{Name}: what of it? One of {string.Join(", ", Verbs.Select(verb => verb.Name))}", ExitBits.Usage);
}
