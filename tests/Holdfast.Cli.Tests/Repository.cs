// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Tests;

/// <summary>The tree that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(string name) => Path.Combine(Root, name);

    private static string Find()
    {
        const string Solution = "Holdfast.slnx";
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, Solution))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("no Holdfast.slnx above the tests");
    }
}
