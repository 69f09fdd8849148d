// SPDX-License-Identifier: Apache-2.0
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
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
/// setpriv(1) and setsid(1) of util-linux change user and session between fork and exec: .NET itself can start a
/// process
/// only as who it is.
/// </remarks>
public sealed class CommandPolicy : IPolicy
{
    private const int OutputMax = 4096;
    private const int StartFailed = 127;
    private static readonly TimeSpan KillTimeMax = TimeSpan.FromSeconds(2);

    public string Name => "command";

    public EffectKind Effect => EffectKind.AtMostOnce;

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        Rule rule = request.Rule;
        // Said before anything has happened: a clean failure.
        if (!File.Exists(rule.Command[0])) return new(DeliveryState.Failed, $"there is no program {rule.Command[0]}");
        using var process = new Process { StartInfo = StartOf(rule, request) };
        try
        {
            process.Start();
        }
        catch (Win32Exception fault)
        {
            return new(DeliveryState.Failed, $"it could not be started: {fault.Message}");
        }

        Task<byte[]> output = ReadStartAsync(process.StandardOutput.BaseStream);
        Task<byte[]> errors = ReadStartAsync(process.StandardError.BaseStream);
        Task input = FeedAsync(process, request.Payload);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The session's leader is the process itself: its number is the group's.
            _ = Native.Kill(-process.Id, Native.SIGKILL);
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(KillTimeMax, CancellationToken.None);
            return new(DeliveryState.Failed,
                $"killed after {rule.Timeout.TotalSeconds:0} s: {await TextOf(output, errors)}");
        }

        await input;
        // What it left behind in its session goes with it.
        _ = Native.Kill(-process.Id, Native.SIGKILL);
        string text = await TextOf(output, errors);
        return process.ExitCode switch
        {
            0 => new(DeliveryState.Done, text),
            StartFailed => new(DeliveryState.Failed, $"it could not be started: {text}"),
            int status => new(DeliveryState.Failed, string.Create(
                CultureInfo.InvariantCulture, $"exit status {status}: {text}")),
        };
    }

    public string Describe(Rule rule) => $"run {string.Join(' ', rule.Command)} as {rule.User}";

    private static ProcessStartInfo StartOf(Rule rule, PolicyRequest request)
    {
        var start = new ProcessStartInfo("/usr/bin/setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        if (Users.Effective == 0)
        {
            foreach (string argument in (string[])
            [
                "/usr/bin/setpriv", "--reuid", rule.User, "--regid", rule.User == "nobody" ? "nogroup" : rule.User,
                "--clear-groups", "--no-new-privs", "--",
            ])
            {
                start.ArgumentList.Add(argument);
            }
        }

        foreach (string argument in rule.Command) start.ArgumentList.Add(Fill(argument, request));
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["HOLDFAST_PARTY"] = request.Party;
        start.Environment["HOLDFAST_RULE"] = rule.Name;
        start.Environment["HOLDFAST_KEY"] = request.Key;
        return start;
    }

    /// <summary>A place in an argument becomes text of that same argument, whatever it holds.</summary>
    private static string Fill(string argument, PolicyRequest request)
    {
        Notice first = request.Notices[0];
        return argument
            .Replace("{failure}", $"{first.Failure}", StringComparison.Ordinal)
            .Replace("{party}", request.Party, StringComparison.Ordinal)
            .Replace("{offset}", first.Range.Offset.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{length}", first.Range.Length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{notices}", request.Notices.Count.ToString(
                CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> payload)
    {
        try
        {
            await using Stream input = process.StandardInput.BaseStream;
            await input.WriteAsync(payload);
        }
        catch (IOException)
        {
            // It does not care for the notice.
        }
    }

    /// <summary>Reads to the end, so that the program never waits for us, and keeps the start.</summary>
    private static async Task<byte[]> ReadStartAsync(Stream stream)
    {
        byte[] kept = new byte[OutputMax];
        byte[] buffer = new byte[OutputMax];
        int length = 0;
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                int take = Math.Min(read, kept.Length - length);
                buffer.AsSpan(0, take).CopyTo(kept.AsSpan(length));
                length += take;
            }
        }
        catch (IOException)
        {
            // Killed while it wrote.
        }

        return kept[..length];
    }

    private static async Task<string> TextOf(Task<byte[]> output, Task<byte[]> errors)
    {
        // A grandchild in a session of its own may hold the pipe for ever.
        Task both = Task.WhenAll(output, errors);
        await Task.WhenAny(both, Task.Delay(KillTimeMax));
        byte[] all = [.. output.IsCompleted ? await output : [], .. errors.IsCompleted ? await errors : []];
        return PlainText.Of(all.AsSpan(0, Math.Min(all.Length, OutputMax))).TrimEnd();
    }
}
