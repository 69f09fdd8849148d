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

    /// <exception cref="CommandFailure">It cannot be read, or is none.</exception>
    public static T Told<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception fault) when (fault is LedgerFormatException or LedgerUnavailableException)
        {
            throw new CommandFailure(fault.Message);
        }
    }
}
