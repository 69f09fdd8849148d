// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Holdfast.Client;
using Holdfast.Contract;

namespace Holdfast.Cli.Input;

/// <summary>Where the daemon is, and how its answer is shown.</summary>
internal sealed class DaemonOptions
{
    public Option<string> Socket { get; } = new("--socket")
    {
        HelpName = "PATH",
        Description = "Where the daemon listens",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("HOLDFAST_SOCKET") ?? Defaults.SocketPath,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "The daemon's answer as it is, for programs" };

    public void AddTo(Command command)
    {
        command.Options.Add(Socket);
        command.Options.Add(Json);
    }

    /// <summary>Asks, and ends the verb in one clear line where that fails.</summary>
    /// <exception cref="CommandFailure">Refused, or nobody answers.</exception>
    public T Ask<T>(ParseResult parsed, Func<DaemonClient, Task<T>> ask)
    {
        using var client = new DaemonClient(parsed.GetValue(Socket)!);
        try
        {
            return ask(client).GetAwaiter().GetResult();
        }
        catch (DaemonException refused)
        {
            throw new CommandFailure($"{refused.Message} ({refused.Code})");
        }
        catch (DaemonUnreachableException away)
        {
            throw new CommandFailure(away.Message);
        }
    }
}
