// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;

namespace Holdfast.Testing.Programs;

/// <summary>What an external program said: its exit status, stdout as bytes, stderr as text.</summary>
public sealed record ProgramRun(string Command, int ExitStatus, byte[] Output, string Errors)
{
    public string Text => Encoding.UTF8.GetString(Output);

    /// <summary>Runs a program to its end and requires that it succeeds.</summary>
    /// <exception cref="InvalidOperationException">It cannot be started, or fails; the message has its
    /// stderr.</exception>
    public static ProgramRun Require(string program, params ReadOnlySpan<string> arguments)
    {
        ProgramRun run = Start(program, null, arguments);
        if (run.ExitStatus == 0) return run;
        throw new InvalidOperationException($"{run.Command}: exit status {run.ExitStatus}\n{run.Errors}{run.Text}");
    }

    /// <summary>Runs a program to its end, whatever that is; stdin is empty, or <paramref name="input"/>.</summary>
    public static ProgramRun Start(string program, byte[]? input, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["LC_ALL"] = "C";
        string command = $"{program} {string.Join(' ', start.ArgumentList)}";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{command}: cannot start");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task feed = FeedAsync(process, input ?? []);
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        feed.GetAwaiter().GetResult();
        return new(command, process.ExitCode, output.ToArray(), errors.GetAwaiter().GetResult());
    }

    private static async Task FeedAsync(Process process, byte[] input)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input: its exit status tells.
        }
    }
}
