// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Failures;
using Holdfast.Linux.Stack;

namespace Holdfast.Cli.Output;

/// <summary>Writes holdfast.stack/1 (docs/stack.schema.json).</summary>
internal static class StackJson
{
    public static void Write(Stream output, StackNode node, ByteRangeSet? asked)
    {
        using (var json = new Utf8JsonWriter(output, ReportJson.Options(isForPeople: false)))
        {
            json.WriteStartObject();
            json.WriteString("schema"u8, "holdfast.stack/1");
            WriteNode(json, node, asked);
            json.WriteStartArray("below"u8);
            WriteBelow(json, node, asked);
            json.WriteEndArray();
            json.WriteStartArray("above"u8);
            WriteAbove(json, node, asked);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static void WriteBelow(Utf8JsonWriter json, StackNode node, ByteRangeSet? ranges)
    {
        for (int member = 0; member < node.Below.Count; member++)
        {
            if (node.Below[member] is not { } below)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, "");
                json.WriteString("kind"u8, "missing");
                json.WriteStartArray("below"u8);
                json.WriteEndArray();
                json.WriteEndObject();
                continue;
            }

            ByteRangeSet? there = ranges is null ? null : StackRanges.Down(node, member, ranges);
            json.WriteStartObject();
            WriteNode(json, below, there);
            json.WriteStartArray("below"u8);
            WriteBelow(json, below, there);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void WriteAbove(Utf8JsonWriter json, StackNode node, ByteRangeSet? ranges)
    {
        foreach (StackNode above in node.Above)
        {
            ByteRangeSet? there = ranges is null ? null : StackRanges.Up(node, above, ranges);
            json.WriteStartObject();
            WriteNode(json, above, there);
            json.WriteStartArray("above"u8);
            WriteAbove(json, above, there);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void WriteNode(Utf8JsonWriter json, StackNode node, ByteRangeSet? ranges)
    {
        json.WriteString("name"u8, node.Name);
        json.WriteString("kind"u8, node.Layer?.Kind ?? node.Kind);
        if (node.Size is { } size) json.WriteNumber("size"u8, size);
        if (node.Identity is { } identity) json.WriteString("identity"u8, identity);
        if (node.Label is { } label) json.WriteString("label"u8, label);
        if (node.Mounted is { } mounted) json.WriteString("mounted"u8, mounted);
        if (node.Opaque is { } opaque) json.WriteString("opaque"u8, opaque);
        if (node.Layer is { Redundancy: > 0 } layer)
        {
            json.WriteNumber("losses_borne"u8, Math.Max(0, layer.Redundancy - node.Missing));
        }

        if (ranges is null) return;
        json.WriteStartArray("ranges"u8);
        foreach (ByteRange range in ranges)
        {
            json.WriteStartObject();
            json.WriteNumber("offset"u8, range.Offset);
            json.WriteNumber("length"u8, range.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
