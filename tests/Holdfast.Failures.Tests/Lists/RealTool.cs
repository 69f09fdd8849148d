// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Xunit;

namespace Holdfast.Failures.Tests.Lists;

/// <summary>A test against a program of the system; skipped, by name, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealToolFactAttribute : FactAttribute
{
    public RealToolFactAttribute(string tool)
    {
        if (!RealTool.IsInstalled(tool)) Skip = $"{tool} is not installed";
    }
}

/// <summary>Programs of the system, run with a time limit.</summary>
internal static class RealTool
{
    private const int MillisecondsMax = 30_000;

    public static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
            .Any(folder => File.Exists(Path.Combine(folder, tool)));

    /// <summary>Exit status and standard output.</summary>
    public static (int Status, string Output) Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(MillisecondsMax), $"{tool} did not end");
        _ = errors.Result;
        return (process.ExitCode, output);
    }
}
