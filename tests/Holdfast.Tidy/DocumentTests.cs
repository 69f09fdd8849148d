// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Holdfast.Testing.Programs;

namespace Holdfast.Tidy;

public sealed partial class DocumentTests
{
    private static IEnumerable<string> Documents => Tree.Texts.Where(p => p.EndsWith(".md", StringComparison.Ordinal));

    private static readonly Lazy<ProgramRun> Unpacked = new(
        () => ProgramRun.Start("sh", null, "-c", $"cd '{Tree.Root}' && ./demo"));

    public static TheoryData<string, int> Examples
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (DocumentedExample example in Documents.SelectMany(d => DocumentedExample.In(d, Tree.Lines(d))))
            {
                data.Add(example.Document, example.Line);
            }

            return data;
        }
    }

    /// <summary>
    /// Runs every documented example at the root of the tree, where ./demo has unpacked the sample. With
    /// HOLDFAST_ACCEPT=1 the documents are given the new output.
    /// </summary>
    [Theory]
    [MemberData(nameof(Examples))]
    public void Documented_examples_are_true(string document, int line)
    {
        DocumentedExample example = DocumentedExample.In(document, Tree.Lines(document)).Single(e => e.Line == line);
        Assert.True(Unpacked.Value.ExitStatus == 0, Unpacked.Value.Errors);
        ProgramRun run = ProgramRun.Start("bash", null, "-c", $"cd '{Tree.Root}' && {{ {example.Command}\n}} 2>&1");
        string[] actual = run.Text.TrimEnd('\n').Split('\n');
        if (Environment.GetEnvironmentVariable("HOLDFAST_ACCEPT") == "1") Accept(example, actual);
        else Assert.True(example.Matches(actual), $"{document}:{line}: {example.Command}\n{run.Text}");
    }

    /// <summary>C# in a document is code of an example, which a test runs.</summary>
    [Fact]
    public void Documented_code_is_an_examples()
    {
        string[] examples = [.. Tree.Texts.Where(p => p.StartsWith("examples/", StringComparison.Ordinal)
            && p.EndsWith(".cs", StringComparison.Ordinal)).Select(p => Dedented(Tree.Text(p)))];
        int found = 0;
        foreach (string document in Documents)
        {
            foreach (Match code in CodeBlock().Matches(Tree.Text(document)))
            {
                found++;
                Assert.True(
                    examples.Any(e => e.Contains(Dedented(code.Groups[1].Value), StringComparison.Ordinal)),
                    $"{document}: no example has\n{code.Groups[1].Value}");
            }
        }

        Assert.NotEqual(0, found);
    }

    [Fact]
    public void Links_within_the_tree_lead_somewhere()
    {
        foreach (string document in Documents)
        {
            foreach (Match link in LinkTarget().Matches(Tree.Text(document)))
            {
                string target = link.Groups[1].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains(':', StringComparison.Ordinal)) continue;
                string path = Path.Combine(Tree.Root, Path.GetDirectoryName(document)!, target);
                Assert.True(Path.Exists(path), $"{document}: {target}");
            }
        }
    }

    [Theory]
    [InlineData("a|b", "a|b", true)]
    [InlineData("a|b", "a", false)]
    [InlineData("a|b", "a|c", false)]
    [InlineData("a", "a|b", false)]
    [InlineData("a|…|d", "a|b|c|d", true)]
    [InlineData("a|…|d", "a|d", true)]
    [InlineData("a|…|d", "a|b|c", false)]
    [InlineData("…|b|…|d", "a|b|d|c|d", true)]
    [InlineData("…", "a|b", true)]
    public void An_ellipsis_stands_for_any_lines(string documented, string actual, bool same)
    {
        var example = new DocumentedExample("", 1, "", documented.Split('|'));
        Assert.Equal(same, example.Matches(actual.Split('|')));
    }

    [Fact]
    public void Commands_end_where_their_output_begins()
    {
        string[] text =
            ["```console", "$ ./a \\", "    b", "one", "two", "$ ./c", "```", "$ ./d", "```sh", "$ ./e", "```"];
        DocumentedExample[] found = [.. DocumentedExample.In("x.md", text)];
        Assert.Equal(["./a \\\n    b", "./c"], found.Select(e => e.Command));
        Assert.Equal(["one", "two"], found[0].Output);
        Assert.Empty(found[1].Output);
    }

    private static void Accept(DocumentedExample example, string[] actual)
    {
        string path = Path.Combine(Tree.Root, example.Document);
        var lines = new List<string>(File.ReadAllLines(path));
        int first = example.Line - 1 + example.Command.Split('\n').Length;
        lines.RemoveRange(first, example.Output.Count);
        lines.InsertRange(first, actual.Select(l => l.TrimEnd()));
        File.WriteAllLines(path, lines);
    }

    private static string Dedented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex LinkTarget();
}
