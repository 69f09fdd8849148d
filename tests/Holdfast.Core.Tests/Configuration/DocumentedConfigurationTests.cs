// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Holdfast.Core.Configuration;
using Holdfast.Core.Policies;

namespace Holdfast.Core.Tests.Configuration;

/// <summary>What the documents show as a configuration is one.</summary>
public sealed partial class DocumentedConfigurationTests
{
    private static string Documents => Path.Combine(RootOf(AppContext.BaseDirectory), "docs");

    [Fact]
    public void Every_example_of_the_policies_document_is_right()
    {
        string document = File.ReadAllText(Path.Combine(Documents, "policies.md"));
        MatchCollection examples = JsonBlock().Matches(document);
        Assert.Equal(11, examples.Count);
        foreach (Match example in examples) Assert.Single(Right(example.Groups[1].Value).Rules.Rules);
    }

    [Fact]
    public void The_example_file_is_right_and_harmless()
    {
        DaemonConfiguration read = Right(File.ReadAllText(Path.Combine(Documents, "examples", "holdfast.json")));
        Assert.Equal(["journal", "oncall", "dba"], read.Parties.Select(party => party.Name));
        Assert.Equal(["log", "webhook", "command"], read.Rules.Rules.Select(rule => rule.Policy));
        Assert.False(read.Acting.Enabled);
        // What it says is the default is the default.
        var otherwise = new DaemonConfiguration();
        Assert.Equal(
            (otherwise.LedgerPath, otherwise.SpoolPath, otherwise.SpoolBytesMax, otherwise.SocketPath),
            (read.LedgerPath, read.SpoolPath, read.SpoolBytesMax, read.SocketPath));
        Assert.Equal(otherwise.Acting.PerHourMax, read.Acting.PerHourMax);
    }

    [Fact]
    public void Every_placeholder_is_documented()
    {
        string document = File.ReadAllText(Path.Combine(Documents, "policies.md"));
        Assert.All(Placeholders.Names, name => Assert.Contains($"`{{{name}}}`", document, StringComparison.Ordinal));
    }

    private static DaemonConfiguration Right(string text)
    {
        DaemonConfiguration? read = ConfigurationReader.Read(System.Text.Encoding.UTF8.GetBytes(text), out var faults);
        Assert.Empty(faults);
        return read!;
    }

    private static string RootOf(string folder) =>
        File.Exists(Path.Combine(folder, "Holdfast.slnx")) ? folder : RootOf(Path.GetDirectoryName(folder)!);

    [GeneratedRegex("^```json\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
