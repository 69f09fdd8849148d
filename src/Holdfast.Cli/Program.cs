// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text;
using Holdfast.Cli.Output;
using Holdfast.Cli.Verbs;
using Holdfast.Failures.Wording;
using Holdfast.Linux.Freezing;

namespace Holdfast.Cli;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        try
        {
            return Run(arguments);
        }
        catch (CommandFailure failure)
        {
            Say(failure.Message);
            return (int)failure.Bits;
        }
        catch (IOException e) when (DescriptorStream.IsBrokenPipe(e))
        {
            return DescriptorStream.BrokenPipeStatus;
        }
        catch (IOException e)
        {
            Say(e.Message);
            return (int)ExitBits.Failed;
        }
        catch (Exception e)
        {
            // A mistake of ours. One line all the same, with what it takes to find it.
            Exception inner = e.GetBaseException();
            string at = inner.StackTrace?.Split('\n')[0].Trim() ?? "";
            Say($"internal error, please report it: {inner.GetType().Name}: {inner.Message} {at}");
            return (int)ExitBits.Failed;
        }
    }

    /// <summary>One line on stderr, safe for a terminal.</summary>
    public static void Say(string message)
    {
        try
        {
            using Stream error = DescriptorStream.OpenError();
            error.Write(Encoding.UTF8.GetBytes($"holdfast: {VisibleText.Of(message)}\n"));
        }
        catch (IOException)
        {
            // Nobody listens; the exit status still tells.
        }
    }

    private static int Run(string[] arguments)
    {
        if (arguments is [DeadMan.Verb, .. var freeze]) return DeadMan.Run(freeze);
        // Building every verb's options takes longer than parsing one's; help and completion want them all.
        IVerb? asked = arguments.Length > 0 ? VerbList.Find(arguments[0]) : null;
        if (asked is VerbGroup group && arguments.Length > 1) group.Narrow(arguments[1]);
        var root = new RootCommand("Names what bad ranges of a device broke: files, directories, metadata of an XFS.");
        foreach (IVerb verb in asked is null ? VerbList.All : [asked]) root.Subcommands.Add(CommandOf(verb));
        foreach (Option option in root.Options)
        {
            if (option is not HelpOption { Action: SynchronousCommandLineAction usual } help) continue;
            // A target may be called like them.
            help.Aliases.Remove("/h");
            help.Aliases.Remove("/?");
            help.Action = new ExampleHelp(usual);
        }

        ParseResult parsed = root.Parse(arguments);
        RefuseUnknownOptions(parsed);
        if (parsed.Action is ParseErrorAction) throw new CommandFailure(WhatIsWrong(parsed), ExitBits.Usage);
        // Signals are the verbs' own: who is interrupted ends, or keeps what it has first.
        return parsed.Invoke(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    internal static Command CommandOf(IVerb verb)
    {
        var command = new Command(verb.Name, verb.Description);
        verb.AddTo(command);
        command.SetAction(parsed => (int)verb.Run(parsed));
        return command;
    }

    /// <summary>A mistyped option would else be taken for the target.</summary>
    private static void RefuseUnknownOptions(ParseResult parsed)
    {
        foreach (Token token in parsed.Tokens)
        {
            if (token.Type == TokenType.DoubleDash) return;
            if (token is { Type: TokenType.Argument, Value: ['-', _, ..] option })
            {
                throw new CommandFailure($"{option}: no such option", ExitBits.Usage);
            }
        }
    }

    private static string WhatIsWrong(ParseResult parsed)
    {
        string verb = "";
        for (CommandResult? at = parsed.CommandResult; at?.Parent is CommandResult; at = at.Parent as CommandResult)
        {
            verb = $" {at.Command.Name}{verb}";
        }

        // The parser lists choices on lines of their own; what is said here is one line.
        string message = string.Join(' ', parsed.Errors[0].Message.Split('\n', '\t')).Replace("  ", " ");
        return $"{message} (holdfast{verb} --help shows how)";
    }
}
