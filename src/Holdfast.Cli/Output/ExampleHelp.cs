// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Holdfast.Cli.Verbs;

namespace Holdfast.Cli.Output;

/// <summary>The usual help, then the exit status and examples that work.</summary>
internal sealed class ExampleHelp(SynchronousCommandLineAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int status = usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        IVerb? verb = VerbOf(parseResult.CommandResult);
        output.WriteLine("Exit status:");
        foreach (string line in StatusOf(verb)) output.WriteLine("  " + line);
        output.WriteLine();
        output.WriteLine("Examples:");
        foreach (Example example in verb?.Examples ?? VerbList.RootExamples)
        {
            output.WriteLine($"  # {example.Purpose}");
            output.WriteLine($"  {example.Text.Replace("\n", "\n  ", StringComparison.Ordinal)}");
        }

        return status;
    }

    /// <summary>What the exit status of a verb means; of null: of most.</summary>
    public static IEnumerable<string> StatusOf(IVerb? verb) => verb?.ExitStatus ??
    [
        "The sum of: 1 file content is hit, 2 metadata is hit, 4 the answer is incomplete,",
        "8 it could not be done, 16 the command line makes no sense. 0: nothing was hit.",
    ];

    /// <summary>The verb that a command is of: words from the root on.</summary>
    private static IVerb? VerbOf(CommandResult result)
    {
        if (result.Parent is not CommandResult parent) return null;
        if (VerbOf(parent) is not { } above) return VerbList.Find(result.Command.Name);
        return (above as VerbGroup)?.Verbs.FirstOrDefault(verb => verb.Name == result.Command.Name);
    }
}
