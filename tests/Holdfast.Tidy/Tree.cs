// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Programs;

namespace Holdfast.Tidy;

/// <summary>The files of this repository as the tests find them: from the test's folder up to the solution.</summary>
internal static class Tree
{
    private static readonly string[] Built = ["bin", "obj", "out", ".git", ".cache", "TestResults"];

    public static string Root => Checkout.Root;

    /// <summary>Every source file under src, tests, benchmarks: paths relative to the root, with '/'.</summary>
    public static IEnumerable<string> Sources =>
        new[] { "src", "tests",
            "benchmarks" }.SelectMany(Under).Where(p => p.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>Every text file of the project: sources, scripts, documents.</summary>
    public static IEnumerable<string> Texts => Under(".").Where(IsText);

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Under(string folder)
    {
        var waiting = new Stack<string>([Path.GetFullPath(Path.Combine(Root, folder))]);
        while (waiting.TryPop(out string? next))
        {
            if (!Directory.Exists(next)) continue;
            foreach (string inner in Directory.EnumerateDirectories(next))
            {
                if (!Built.Contains(Path.GetFileName(inner))) waiting.Push(inner);
            }

            foreach (string file in Directory.EnumerateFiles(next))
            {
                if (!Built.Contains(Path.GetFileName(file))) yield return Path.GetRelativePath(Root, file);
            }
        }
    }

    private static bool IsText(string path)
    {
        using FileStream stream = File.OpenRead(Path.Combine(Root, path));
        if (stream.Length > 1 << 20) return false;
        Span<byte> head = stackalloc byte[4096];
        return !head[..stream.Read(head)].Contains((byte)0);
    }
}
