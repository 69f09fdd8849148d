// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Holdfast.Cli.Tests;

/// <summary>
/// Compares with a file in Golden/. With HOLDFAST_ACCEPT=1 the files are written anew, to be looked at before they are
/// committed.
/// </summary>
internal static class Golden
{
    public static void Compare(string name, string actual)
    {
        string path = Path.Combine(Folder(), name);
        if (Environment.GetEnvironmentVariable("HOLDFAST_ACCEPT") == "1") File.WriteAllText(path, actual);
        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Golden");
}
