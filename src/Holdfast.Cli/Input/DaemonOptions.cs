// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using Holdfast.Cli.Output;
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

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "The daemon's answer as it is, for programs; docs/ has the schemas",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Socket);
        command.Options.Add(Json);
    }

    /// <summary>
    /// Asks what is answered by no more than that it is done, and ends the verb in one clear line where that fails.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="ask">The question.</param>
    /// <param name="members">What is done, as members of a JSON object.</param>
    /// <exception cref="CommandFailure">Refused, or nobody answers.</exception>
    public void Do(ParseResult parsed, Func<DaemonClient, Task> ask, Action<Utf8JsonWriter> members)
    {
        Ask(parsed, async client =>
        {
            await ask(client);
            return true;
        });
        if (parsed.GetValue(Json)) DaemonJson.WriteObject(members);
    }

    /// <summary>Asks, and ends the verb in one clear line where that fails.</summary>
    /// <exception cref="CommandFailure">Refused, or nobody answers.</exception>
    public T Ask<T>(ParseResult parsed, Func<DaemonClient, Task<T>> ask)
    {
        // It ends with the process, which asks once: closing it first costs more than one thinks.
        var client = new DaemonClient(parsed.GetValue(Socket)!) { IsBlocking = true };
        try
        {
            return ask(client).GetAwaiter().GetResult();
        }
        catch (DaemonException refused)
        {
            throw Refusal(refused);
        }
        catch (DaemonUnreachableException away)
        {
            throw new CommandFailure(away.Message);
        }
    }

    /// <summary>What the daemon calls a bad request was a command line that makes no sense.</summary>
    public static CommandFailure Refusal(DaemonException refused) => new(
        $"{refused.Message} ({refused.Code})", refused.Code == "bad_request" ? ExitBits.Usage : ExitBits.Failed);

    /// <summary>A device as the daemon must be told of it: a path means the same to it only when it is whole.</summary>
    public static string DeviceOf(string name) =>
        name.Contains('/') || File.Exists(name) ? Path.GetFullPath(name) : name;
}
