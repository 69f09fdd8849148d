// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Cli.Output;

/// <summary>An answer of the daemon as JSON: one line for programs, indented for people.</summary>
internal static class DaemonJson
{
    public static void Write<T>(T answer, JsonTypeInfo<T> type)
    {
        using Stream output = DescriptorStream.OpenOutput();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = Terminal.IsOutput }))
        {
            JsonSerializer.Serialize(json, answer, type);
        }

        output.WriteByte((byte)'\n');
    }
}
