// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Policies;

/// <summary>
/// Runs a program: its arguments as they stand in the rule, never through a shell; the notice as JSON on its standard
/// input; under an unprivileged user, in a session of its own, which is killed whole when its time is over. At most
/// once.
/// </summary>
/// <remarks>
/// setpriv(1) of util-linux changes the user between spawn and the program: posix_spawn cannot, and code of ours must
/// not run there. It also forbids the program to win privileges back by a set-user-id file. A process that makes a
/// session of its own leaves the group and outlives it: the unit that the daemon runs in is what holds it then.
/// </remarks>
public sealed class CommandPolicy : IPolicy
{
    private const string SetPrivileges = "/usr/bin/setpriv";
    private const int TickMilliseconds = 20;

    /// <summary>execve refuses a longer argument (MAX_ARG_STRLEN).</summary>
    private const int ArgumentMax = 128 << 10;

    // As setpriv says that it could not run the program; a program may say the same.
    private const int CannotRun = 126;
    private const int NoProgram = 127;
    private const UnixFileMode AnyExecute =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private static readonly TimeSpan KillTimeMax = TimeSpan.FromSeconds(2);

    public string Name => "command";

    public EffectKind Effect => EffectKind.AtMostOnce;

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        // A thread of its own: whatever the program does, no thread of the pool waits for it.
        return await Task.Factory.StartNew(
            () => Run(request, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    public string Describe(Rule rule)
    {
        string command = string.Join(' ', rule.Command.Select(Quoted));
        return PlainText.Of(Encoding.UTF8.GetBytes($"run {command} as {rule.User}"));
    }

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || "/._-+=:,@%{}".Contains(c))
            ? argument
            : "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static PolicyOutcome Run(PolicyRequest request, CancellationToken cancellationToken)
    {
        Rule rule = request.Rule;
        // All that is said before the start is a clean failure: nothing has happened.
        Account? account = Account.Find(rule.User);
        if (account is null) return new(DeliveryState.Failed, $"there is no user {rule.User}");
        if (ObstacleOf(rule, account) is { } obstacle) return new(DeliveryState.Failed, obstacle);
        List<byte[]> arguments = ArgumentsOf(request, account);
        if (arguments.Exists(argument => argument.Length >= ArgumentMax || argument.Contains((byte)0)))
        {
            return new(DeliveryState.Failed, "an argument is longer than a program can be given, or holds a zero byte");
        }

        if (cancellationToken.IsCancellationRequested) return new(DeliveryState.Failed, "stopped before its start");
        using ChildProcess? child = ChildProcess.Start(arguments, EnvironmentOf(request, account), out int failure);
        return child is null
            ? new(DeliveryState.Failed, $"it could not be started: error {failure}")
            : Watch(child, request.Payload, cancellationToken);
    }

    private static PolicyOutcome Watch(
        ChildProcess child, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var output = new KeptOutput();
        long start = TimeProvider.System.GetTimestamp();
        long? killed = null;
        while (true)
        {
            child.Poll(TickMilliseconds);
            payload = child.Feed(payload);
            output.ReadFrom(child);
            if (child.Look() is { } end)
            {
                // What it left behind in its session goes with it; what it said last is still in the pipe.
                child.Kill();
                output.ReadFrom(child);
                return OutcomeOf(end, output.Text, killed is null ? null : TimeProvider.System.GetElapsedTime(start));
            }

            if (killed is { } since && TimeProvider.System.GetElapsedTime(since) > KillTimeMax)
            {
                return new(DeliveryState.Unknown, $"killed, and it does not die: {output.Text}");
            }

            if (killed is not null || !cancellationToken.IsCancellationRequested) continue;
            killed = TimeProvider.System.GetTimestamp();
            child.Kill();
        }
    }

    private static PolicyOutcome OutcomeOf(ChildEnd end, string output, TimeSpan? killedAfter)
    {
        // It has begun: nothing of what follows may be taken for "nothing has happened yet" (C7).
        if (killedAfter is { } time)
        {
            string what = string.Create(CultureInfo.InvariantCulture, $"killed after {time.TotalSeconds:0.#} s");
            return Ended(DeliveryState.Unknown, what, output);
        }

        if (!end.IsKnown) return new(DeliveryState.Unknown, "it has ended, and nobody knows how");
        if (!end.HasExited) return Ended(DeliveryState.Unknown, $"killed by signal {end.Status}", output);
        return end.Status switch
        {
            0 => new(DeliveryState.Done, output),
            CannotRun or NoProgram => Ended(
                DeliveryState.Dead, $"exit status {end.Status}, as of a program that cannot be run", output),
            _ => Ended(DeliveryState.Dead, $"exit status {end.Status}", output),
        };
    }

    private static PolicyOutcome Ended(DeliveryState state, string what, string output) =>
        new(state, output.Length == 0 ? what : $"{what}: {output}");

    private static string? ObstacleOf(Rule rule, Account account)
    {
        try
        {
            return Obstacle(rule, account);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"{rule.Command[0]} cannot be looked at";
        }
    }

    private static string? Obstacle(Rule rule, Account account)
    {
        string program = rule.Command[0];
        if (!File.Exists(program)) return $"there is no program {program}";
        UnixFileMode mode = File.GetUnixFileMode(program);
        if ((mode & AnyExecute) == 0) return $"{program} cannot be executed";
        // What runs as root is root's to write.
        if (account.User == 0 && ((mode & OthersWrite) != 0 || Users.OwnerOf(program) is not 0))
        {
            return $"{program} can be changed by others than root, and would run as root";
        }

        if (!File.Exists(SetPrivileges)) return $"there is no {SetPrivileges} (util-linux)";
        return Users.Effective == 0 || Users.Effective == account.User
            ? null
            : $"the daemon is not root: it cannot run a program as {rule.User}";
    }

    private static List<byte[]> ArgumentsOf(PolicyRequest request, Account account)
    {
        List<string> before = [SetPrivileges, "--no-new-privs"];
        if (Users.Effective == 0)
        {
            before.AddRange(["--reuid", account.UserText, "--regid", account.GroupText, "--clear-groups"]);
            if (account.User != 0) before.AddRange(["--inh-caps=-all", "--bounding-set=-all"]);
        }

        IReadOnlyList<string> command = request.Rule.Command;
        return
        [
            .. before.Append("--").Append(command[0]).Select(Encoding.UTF8.GetBytes),
            .. command.Skip(1).Select(argument => Placeholders.Fill(argument, request)),
        ];
    }

    private static string[] EnvironmentOf(PolicyRequest request, Account account) =>
    [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/",
        $"USER={account.Name}", $"LOGNAME={account.Name}", $"HOLDFAST_PARTY={request.Party}",
        $"HOLDFAST_RULE={request.Rule.Name}", $"HOLDFAST_KEY={request.Key}",
    ];
}
