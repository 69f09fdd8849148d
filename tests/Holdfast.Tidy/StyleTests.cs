// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Tidy;

public sealed class StyleTests
{
    private const string Licence = "SPDX-License-Identifier: Apache-2.0";
    private const int FileLinesMax = 350;
    private const int MethodLinesMax = 70;
    private const int ColumnsMax = 120;

    /// <summary>Spelled in pieces, so that this file does not find itself.</summary>
    private static readonly string[] BannedWords =
        ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "XX" + "X:", "../sha" + "red", "/wor" + "k/"];

    private static readonly string[] BannedNames = ["Utils", "Helper", "Helpers", "Manager", "Misc"];

    [Fact]
    public void Every_source_opens_with_its_licence() =>
        AllSources((path, lines) => lines[0] == $"// {Licence}" ? null : $"{path}: no SPDX line");

    [Fact]
    public void No_source_is_longer_than_350_lines() =>
        AllSources((path, lines) => lines.Length <= FileLinesMax ? null : $"{path}: {lines.Length} lines");

    [Fact]
    public void No_line_is_wider_than_120_columns() =>
        AllSources((path, lines) => Array.FindIndex(lines, l => l.Length > ColumnsMax) is int i and >= 0
            ? $"{path}:{i + 1}: {lines[i].Length} columns" : null);

    [Fact]
    public void No_method_is_longer_than_70_lines() =>
        AllSources((path, lines) => MethodScan.Over(lines, MethodLinesMax) is { } found ? $"{path}:{found}" : null);

    [Fact]
    public void No_file_is_named_after_nothing() =>
        AllSources((path, _) =>
            Array.Exists(BannedNames, n => Path.GetFileName(path).Contains(n, StringComparison.Ordinal)) ? path : null);

    [Fact]
    public void No_text_holds_a_banned_word()
    {
        var found = new List<string>();
        foreach (string path in Tree.Texts)
        {
            string[] lines = Tree.Lines(path);
            for (int i = 0; i < lines.Length; i++)
            {
                if (Array.Find(BannedWords, w => lines[i].Contains(w, StringComparison.Ordinal)) is { } word)
                {
                    found.Add($"{path}:{i + 1}: {word}");
                }
            }
        }

        Nothing(found);
    }

    [Fact]
    public void Scripts_are_executable_and_licensed()
    {
        foreach (string path in Tree.Texts)
        {
            if (Tree.Lines(path) is not [['#', '!', ..], ..]) continue;
            Assert.True(File.GetUnixFileMode(Path.Combine(Tree.Root, path)).HasFlag(UnixFileMode.UserExecute), path);
            Assert.Contains(Licence, Tree.Lines(path)[1], StringComparison.Ordinal);
        }
    }

    private static void AllSources(Func<string, string[], string?> check)
    {
        string[] paths = [.. Tree.Sources];
        Assert.NotEmpty(paths);
        Nothing(paths.Select(p => check(p, Tree.Lines(p))).OfType<string>());
    }

    /// <summary>As Assert.Empty, but every finding is shown whole.</summary>
    private static void Nothing(IEnumerable<string> found)
    {
        string all = string.Join('\n', found);
        Assert.True(all.Length == 0, all);
    }
}
