// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Runtime.InteropServices;
using Holdfast.Contract;
using Holdfast.Core.Configuration;
using Holdfast.Core.Ledger;

namespace Holdfast.Daemon;

/// <summary>holdfastd: reads its configuration, and serves until it is told to stop.</summary>
internal static class Program
{
    private const int Failed = 8;
    private const int Usage = 16;

    internal static async Task<int> Main(string[] args)
    {
        var config = new Option<string>("--config")
        {
            Description = $"The configuration; {Defaults.ConfigurationPath} when it is there and nothing is given",
            HelpName = "FILE",
        };
        var check = new Option<bool>("--check") { Description = "Only check the configuration" };
        var root = new RootCommand(
            "Keeps the ledger of storage failures and tells everybody who must know") { config, check };
        root.SetAction((parsed, stop) => RunAsync(parsed.GetValue(config), parsed.GetValue(check), stop));
        ParseResult parsed = root.Parse(args);
        int status = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? Usage : status;
    }

    private static async Task<int> RunAsync(string? path, bool isCheck, CancellationToken cancellationToken)
    {
        DaemonConfiguration? configuration = ConfigurationFile.Read(path, Console.Error);
        if (configuration is null) return Usage;
        if (isCheck) return 0;
        try
        {
            await DaemonHost.RunAsync(configuration, cancellationToken);
            return 0;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or LedgerFormatException
            or LedgerUnavailableException or ExternalException)
        {
            await Console.Error.WriteLineAsync($"holdfastd: {fault.Message}");
            return Failed;
        }
    }
}
