// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Testing.Programs;

/// <summary>The tree the tests were built from: where bundled images and provisioned programs lie.</summary>
public static class Checkout
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>The folder that holds the solution.</summary>
    /// <exception cref="InvalidOperationException">The tests run outside a checkout.</exception>
    public static string Root => Found.Value;

    /// <summary>A file or folder of the tree, by its path from the root.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at != null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Holdfast.slnx"))) return at.FullName;
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a checkout of Holdfast");
    }
}
