// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Failures;
using Holdfast.Failures.Lists;

namespace Holdfast.Cli.Output;

/// <summary>Writes a domain as a mapfile, or its ranges as holdfast.domain/1.</summary>
internal static class DomainOutput
{
    private const string Schema = "holdfast.domain/1";

    /// <param name="file">Replaced as a whole, so that ddrescue never meets half a mapfile; null for stdout.</param>
    /// <param name="size">Bytes of the disk.</param>
    public static void Write(string? file, bool isJson, string target, ByteRangeSet domain, long size)
    {
        if (file is null)
        {
            using Stream output = DescriptorStream.OpenOutput();
            Write(output, isJson, target, domain, size);
            return;
        }

        string part = file + ".part";
        try
        {
            using (FileStream stream = File.Create(part)) Write(stream, isJson, target, domain, size);
            File.Move(part, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(part)) File.Delete(part);
            throw new CommandFailure($"{file}: {e.Message}");
        }
    }

    private static void Write(Stream stream, bool isJson, string target, ByteRangeSet domain, long size)
    {
        if (!isJson)
        {
            DomainMapfile.Write(stream, domain, size, $"What is worth reading of {target}");
            return;
        }

        using (var json = new Utf8JsonWriter(stream, ReportJson.Options(isForPeople: false)))
        {
            json.WriteStartObject();
            json.WriteString("schema"u8, Schema);
            json.WriteString("target"u8, target);
            json.WriteNumber("size"u8, size);
            json.WriteNumber("bytes"u8, domain.TotalLength);
            json.WriteStartArray("ranges"u8);
            foreach (ByteRange range in domain)
            {
                json.WriteStartObject();
                json.WriteNumber("offset"u8, range.Offset);
                json.WriteNumber("length"u8, range.Length);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}
