// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Invocation;
using Holdfast.Cli.Verbs;

namespace Holdfast.Cli.Output;

/// <summary>The usual help, then the exit status and examples that work.</summary>
internal sealed class ExampleHelp(SynchronousCommandLineAction usual, Func<string, IReadOnlyList<Example>> examplesOf)
    : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int status = usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Exit status:");
        output.WriteLine("  The sum of: 1 file content is hit, 2 metadata is hit, 4 the answer is incomplete,");
        output.WriteLine("  8 it could not be done, 16 the command line makes no sense. 0: nothing was hit.");
        output.WriteLine();
        output.WriteLine("Examples:");
        foreach (Example example in examplesOf(parseResult.CommandResult.Command.Name))
        {
            output.WriteLine($"  # {example.Purpose}");
            output.WriteLine($"  {example.Text.Replace("\n", "\n  ", StringComparison.Ordinal)}");
        }

        return status;
    }
}
