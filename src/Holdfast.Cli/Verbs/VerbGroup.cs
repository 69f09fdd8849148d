// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Holdfast.Cli.Verbs;

/// <summary>A word that only begins a verb: "failures list", "failures show".</summary>
internal abstract class VerbGroup : IDaemonVerb
{
    private string? _asked;

    public abstract string Name { get; }

    public abstract string Description { get; }

    /// <summary>What may follow.</summary>
    public abstract IReadOnlyList<IVerb> Verbs { get; }

    public IReadOnlyList<Example> Examples => [.. Verbs.SelectMany(verb => verb.Examples)];

    /// <summary>Only the verb of this name is built, where there is one; of its neighbours nothing is wanted.</summary>
    public void Narrow(string name) => _asked = name;

    public void AddTo(Command command)
    {
        IReadOnlyList<IVerb> verbs = Verbs;
        IVerb? asked = verbs.FirstOrDefault(verb => verb.Name == _asked);
        foreach (IVerb verb in asked is null ? verbs : [asked]) command.Subcommands.Add(Program.CommandOf(verb));
    }

    public ExitBits Run(ParseResult parsed) => throw new CommandFailure(
        $"{Name}: what of it? One of {string.Join(", ", Verbs.Select(verb => verb.Name))}", ExitBits.Usage);
}
