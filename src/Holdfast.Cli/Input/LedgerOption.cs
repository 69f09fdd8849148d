// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Contract;
using Holdfast.Core.Ledger;

namespace Holdfast.Cli.Input;

/// <summary>The ledger that a verb looks at by itself.</summary>
internal static class LedgerOption
{
    public static Option<string> New() => new("--ledger")
    {
        Description = "The ledger's file", HelpName = "FILE", DefaultValueFactory = _ => Defaults.LedgerPath,
    };

    public static Option<bool> Json() => new("--json") { Description = "For programs; docs/ has the schemas" };

    /// <exception cref="CommandFailure">It cannot be read, or is none.</exception>
    public static T Told<T>(string ledger, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception fault) when (fault is LedgerFormatException or LedgerUnavailableException)
        {
            string message = fault.Message;
            throw new CommandFailure(message.Contains(ledger) ? message : $"{ledger}: {message}");
        }
    }
}
