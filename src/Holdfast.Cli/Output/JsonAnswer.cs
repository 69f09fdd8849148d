// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Cli.Targets;
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Output;

/// <summary>What the JSON answers of all verbs but locate and map have in common.</summary>
internal static class JsonAnswer
{
    /// <summary>One object: schema, target, what <paramref name="write"/> adds, what is not known.</summary>
    public static void Write(
        Stream stream, string schema, OpenedTarget target, AnswerNotes notes, bool complete,
        Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(stream, ReportJson.Options(Terminal.IsOutput)))
        {
            json.WriteStartObject();
            json.WriteString("schema"u8, schema);
            json.WriteString("target"u8, target.Path);
            ReportJson.WriteVolume(json, target.Report);
            write(json);
            json.WriteBoolean("complete"u8, complete && notes.Gaps.Count == 0);
            ReportJson.WriteTexts(json, "gaps"u8, notes.Gaps);
            ReportJson.WriteTexts(json, "notes"u8, notes.Notes);
            json.WriteStartArray("faults"u8);
            foreach (Fault fault in notes.Faults) ReportJson.WriteFault(json, fault);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}
