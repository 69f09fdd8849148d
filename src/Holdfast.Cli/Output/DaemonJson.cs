// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Cli.Output;

/// <summary>
/// An answer of the daemon as JSON: one line for programs, indented for people. docs/notifier.schema.json has them all.
/// </summary>
internal static class DaemonJson
{
    public static void Write<T>(T answer, JsonTypeInfo<T> type) =>
        Write(json => JsonSerializer.Serialize(json, answer, type));

    public static void Write(JsonDocument answer) => Write(json => answer.WriteTo(json));

    /// <summary>One object, where the daemon answers only that it is done, or is not asked.</summary>
    public static void WriteObject(Action<Utf8JsonWriter> members) => Write(json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    });

    private static void Write(Action<Utf8JsonWriter> answer)
    {
        using Stream output = DescriptorStream.OpenOutput();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = Terminal.IsOutput }))
        {
            answer(json);
        }

        output.WriteByte((byte)'\n');
    }
}
