// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Packaging;

/// <summary>Whose work is shipped besides our own, and under what terms.</summary>
internal static class Notices
{
    private static readonly string Line = new('-', 78);

    internal static void Write(string file, IReadOnlyList<ShippedLibrary> libraries)
    {
        using var text = new StreamWriter(file) { NewLine = "\n" };
        text.WriteLine("Holdfast is under the Apache License 2.0. With it come these libraries, each under its own terms.");
        foreach (ShippedLibrary library in libraries)
        {
            text.WriteLine();
            text.WriteLine(Line);
            text.WriteLine($"{library.Name} {library.Version}");
            foreach (string said in (string[])[library.License, library.Copyright, library.Project])
            {
                if (said.Length > 0) text.WriteLine(said);
            }
        }

        // The runtime's parts have the same ones.
        foreach (string passedOn in libraries.SelectMany(at => at.Texts).Select(at => at.ReplaceLineEndings("\n"))
            .Distinct())
        {
            text.WriteLine();
            text.WriteLine(Line);
            text.WriteLine(passedOn.TrimEnd());
        }
    }
}
