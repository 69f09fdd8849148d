// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Holdfast.Cli.Verbs;

/// <summary>A command line that works, and what it is for.</summary>
internal sealed record Example(string Text, string Purpose);

/// <summary>One thing that the command does. Made only when it is the one that was asked for.</summary>
internal interface IVerb
{
    string Name { get; }

    string Description { get; }

    IReadOnlyList<Example> Examples { get; }

    /// <summary>Lines for the help; null: the sum of bits of a look at a device.</summary>
    IReadOnlyList<string>? ExitStatus => null;

    void AddTo(Command command);

    /// <exception cref="CommandFailure">It could not be done, or makes no sense.</exception>
    ExitBits Run(ParseResult parsed);
}
