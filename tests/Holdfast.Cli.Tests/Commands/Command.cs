// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>The command as a user runs it: ./holdfast of the tree, which builds it where that is needed.</summary>
internal static class Command
{
    public static readonly string Script = Checkout.PathOf("holdfast");

    public static ProgramRun Run(params ReadOnlySpan<string> arguments) => ProgramRun.Start(Script, null, arguments);

    /// <summary>Through a shell, where it is <c>holdfast</c>, in a folder.</summary>
    public static ProgramRun Shell(string folder, string script) => ProgramRun.Start(
        "bash", null, "-c", $"cd '{folder}' && holdfast() {{ '{Script}' \"$@\"; }} && {script}");

    public static JsonElement Json(this ProgramRun run) => JsonDocument.Parse(run.Output).RootElement;

    public static string[] Lines(this ProgramRun run) => run.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Exactly one line, of the command's own, and no stack trace.</summary>
    public static string OnlyError(this ProgramRun run)
    {
        Assert.Empty(run.Output);
        string line = Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("holdfast: ", line, StringComparison.Ordinal);
        return line;
    }
}
