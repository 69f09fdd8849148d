// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;

namespace Holdfast.Core.Delivery;

/// <summary>What a filter looks at in an impact.</summary>
/// <param name="Owner">"inode", "free", …</param>
/// <param name="Severity">"harmless", "metadata" or "file_data".</param>
/// <param name="Paths">Raw bytes of each path inside the filesystem.</param>
public sealed record ImpactSubject(string Owner, string Severity, IReadOnlyList<byte[]> Paths)
{
    /// <summary>Reads an array of impacts as in holdfast.report/1; what is no such array has no subjects.</summary>
    internal static IReadOnlyList<ImpactSubject> ReadAll(ReadOnlySpan<byte> impacts)
    {
        var subjects = new List<ImpactSubject>();
        if (impacts.IsEmpty) return subjects;
        try
        {
            var reader = new Utf8JsonReader(impacts);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return subjects;
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject) subjects.Add(Read(ref reader));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            // Impacts are written by us: a page that was torn, with values of other types, texts that are no UTF-8 or
            // base64 that is none, is no reason to tell nobody.
        }

        return subjects;
    }

    private static ImpactSubject Read(ref Utf8JsonReader reader)
    {
        string owner = "";
        string severity = "";
        List<byte[]> texts = [];
        List<byte[]> raw = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "owner":
                    owner = reader.GetString() ?? "";
                    break;
                case "severity":
                    severity = reader.GetString() ?? "";
                    break;
                case "paths":
                    ReadPaths(ref reader, texts, isBase64: false);
                    break;
                case "paths_base64":
                    ReadPaths(ref reader, raw, isBase64: true);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new(owner, severity, raw.Count > 0 ? raw : texts);
    }

    private static void ReadPaths(ref Utf8JsonReader reader, List<byte[]> paths, bool isBase64)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            paths.Add(isBase64 ? reader.GetBytesFromBase64() : Encoding.UTF8.GetBytes(reader.GetString()!));
        }
    }
}
