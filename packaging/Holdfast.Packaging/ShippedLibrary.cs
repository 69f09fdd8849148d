// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Xml.Linq;

namespace Holdfast.Packaging;

/// <summary>A library of somebody else's that is shipped, as its NuGet package describes itself.</summary>
/// <param name="Sha512">Of the package, in hexadecimal; empty of the runtime's own parts.</param>
/// <param name="License">An SPDX expression; empty where only a text says it.</param>
/// <param name="Texts">What is in the package that has to be passed on.</param>
internal sealed record ShippedLibrary(
    string Name, string Version, string Sha512, string License, string Copyright, string Project,
    IReadOnlyList<string> Texts)
{
    private static readonly string[] Kinds = ["package", "runtimepack"];
    private static readonly string[] TextNames = ["LICENSE", "THIRD", "NOTICE"];

    internal string PackageUrl => $"pkg:nuget/{Name}@{Version}";

    /// <param name="dependencies">Files *.deps.json of what is shipped.</param>
    /// <param name="packages">NuGet's folder of unpacked packages.</param>
    internal static ShippedLibrary[] ReadAll(IEnumerable<string> dependencies, string packages) =>
    [
        .. dependencies.SelectMany(file => Read(file, packages)).DistinctBy(at => at.PackageUrl)
            .OrderBy(at => at.PackageUrl, StringComparer.Ordinal),
    ];

    private static List<ShippedLibrary> Read(string file, string packages)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var found = new List<ShippedLibrary>();
        foreach (JsonProperty library in json.RootElement.GetProperty("libraries").EnumerateObject())
        {
            if (!Kinds.Contains(library.Value.GetProperty("type").GetString())) continue;
            string[] name = library.Name.Split('/');
            // The SDK calls the runtime's parts "runtimepack.NAME"; they are packages all the same.
            string id = name[0].StartsWith("runtimepack.", StringComparison.Ordinal) ? name[0][12..] : name[0];
            string hash = library.Value.GetProperty("sha512").GetString() ?? "";
            found.Add(Describe(id, name[1], hash, packages));
        }

        return found;
    }

    private static ShippedLibrary Describe(string id, string version, string hash, string packages)
    {
        string lower = id.ToLowerInvariant();
        string folder = Path.Combine(packages, lower, version);
        XElement metadata = XDocument.Load(Path.Combine(folder, $"{lower}.nuspec")).Root!.Elements()
            .Single(at => at.Name.LocalName == "metadata");
        string Text(string name) => metadata.Elements().FirstOrDefault(at => at.Name.LocalName == name)?.Value ?? "";
        XElement? license = metadata.Elements().FirstOrDefault(at => at.Name.LocalName == "license");
        string expression = license?.Attribute("type")?.Value == "expression" ? license.Value : "";
        string[] texts =
        [
            .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(at => TextNames.Any(
                    name => Path.GetFileName(at).StartsWith(name, StringComparison.OrdinalIgnoreCase)))
                .Order(StringComparer.Ordinal).Select(File.ReadAllText),
        ];
        if (expression.Length == 0 && texts.Length == 0)
        {
            throw new InvalidDataException($"{id} {version}: its package names no licence");
        }

        return new(
            id, version, hash.StartsWith("sha512-", StringComparison.Ordinal) ? Hexadecimal(hash[7..]) : "", expression,
            Text("copyright"), Text("projectUrl"), texts);
    }

    private static string Hexadecimal(string base64) =>
        Convert.ToHexStringLower(Convert.FromBase64String(base64));
}
