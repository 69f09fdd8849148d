// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Holdfast.Cli.Verbs;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests.Commands;

/// <summary>Goal: man(1) tells what --help tells. Method: every option of every verb's help is looked for.</summary>
public sealed partial class ManualTests
{
    [Fact]
    public void Every_verb_has_a_page_with_all_that_its_help_has()
    {
        using var scratch = new Scratch("manual");
        Assert.Equal(0, Command.Run("manual", scratch.Folder).ExitStatus);
        Assert.Equal(
            VerbList.All.Select(at => $"holdfast-{at.Name}.1").Append("holdfast.1").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(scratch.Folder).Select(at => Path.GetFileName(at)).Order(StringComparer.Ordinal));
        foreach (IVerb verb in VerbList.All)
        {
            string page = Shown(File.ReadAllText(scratch.PathOf($"holdfast-{verb.Name}.1")));
            foreach (string name in (verb as VerbGroup)?.Verbs.Select(at => at.Name) ?? [""])
            {
                string[] words = name.Length > 0 ? [verb.Name, name] : [verb.Name];
                string help = Command.Run([.. words, "--help"]).Text;
                Assert.Contains($"holdfast {string.Join(' ', words)}", page, StringComparison.Ordinal);
                string parts = help[..help.IndexOf("Exit status:", StringComparison.Ordinal)];
                string[] options = [.. OptionName().Matches(parts)
                    .Select(at => at.Value).Where(at => at is not "--help" and not "--version")];
                Assert.All(options, option => Assert.Contains(option, page, StringComparison.Ordinal));
            }

            Assert.All(verb.Examples, at => Assert.Contains(at.Text.Split('\n')[0], page, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void It_is_in_no_help() =>
        Assert.DoesNotContain("manual", Command.Run("--help").Text, StringComparison.Ordinal);

    /// <summary>As man(1) would show it, as far as names go.</summary>
    private static string Shown(string page) => page
        .Replace("\\-", "-", StringComparison.Ordinal).Replace("\\(aq", "'", StringComparison.Ordinal)
        .Replace("\\(ti", "~", StringComparison.Ordinal).Replace("\\e", "\\", StringComparison.Ordinal)
        .Replace("\\(dq", "\"", StringComparison.Ordinal).Replace("\\(ha", "^", StringComparison.Ordinal);

    [GeneratedRegex("--[a-z][a-z0-9-]+")]
    private static partial Regex OptionName();
}
