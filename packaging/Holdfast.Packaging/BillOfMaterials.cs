// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Holdfast.Packaging;

/// <summary>What is in a package, as CycloneDX 1.6 has it. The same for the same parts: no number, no time.</summary>
internal static class BillOfMaterials
{
    internal static void Write(string file, string version, IReadOnlyList<ShippedLibrary> libraries)
    {
        using FileStream stream = File.Create(file);
        using var json = new Utf8JsonWriter(stream, new() { Indented = true });
        json.WriteStartObject();
        json.WriteString("bomFormat", "CycloneDX");
        json.WriteString("specVersion", "1.6");
        json.WriteNumber("version", 1);
        json.WriteStartObject("metadata");
        json.WriteStartObject("component");
        json.WriteString("type", "application");
        json.WriteString("bom-ref", "holdfast");
        json.WriteString("name", "holdfast");
        json.WriteString("version", version);
        WriteLicense(json, "Apache-2.0");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("components");
        foreach (ShippedLibrary library in libraries) Write(json, library);
        json.WriteEndArray();
        json.WriteStartArray("dependencies");
        json.WriteStartObject();
        json.WriteString("ref", "holdfast");
        json.WriteStartArray("dependsOn");
        foreach (ShippedLibrary library in libraries) json.WriteStringValue(library.PackageUrl);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ShippedLibrary library)
    {
        json.WriteStartObject();
        json.WriteString("type", "library");
        json.WriteString("bom-ref", library.PackageUrl);
        json.WriteString("name", library.Name);
        json.WriteString("version", library.Version);
        if (library.Sha512.Length > 0)
        {
            json.WriteStartArray("hashes");
            json.WriteStartObject();
            json.WriteString("alg", "SHA-512");
            json.WriteString("content", library.Sha512);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        if (library.License.Length > 0) WriteLicense(json, library.License);
        if (library.Copyright.Length > 0) json.WriteString("copyright", library.Copyright);
        json.WriteString("purl", library.PackageUrl);
        json.WriteEndObject();
    }

    private static void WriteLicense(Utf8JsonWriter json, string expression)
    {
        json.WriteStartArray("licenses");
        json.WriteStartObject();
        json.WriteString("expression", expression);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
