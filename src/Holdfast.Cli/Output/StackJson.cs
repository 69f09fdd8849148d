// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Cli.Targets;
using Holdfast.Failures;
using Holdfast.Linux.Stack;

namespace Holdfast.Cli.Output;

/// <summary>Writes holdfast.stack/1 (docs/stack.schema.json).</summary>
internal static class StackJson
{
    public static void Write(Stream output, StackDrawing drawing)
    {
        using (var json = new Utf8JsonWriter(output, ReportJson.Options(isForPeople: false)))
        {
            json.WriteStartObject();
            json.WriteString("schema"u8, "holdfast.stack/1");
            WriteNode(json, drawing.Device);
            WriteBranches(json, "below"u8, drawing.Below);
            WriteBranches(json, "above"u8, drawing.Above);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    /// <param name="side">Which way these lie; those behind them lie the same way.</param>
    private static void WriteBranches(
        Utf8JsonWriter json, ReadOnlySpan<byte> side, IReadOnlyList<StackBranch> branches)
    {
        json.WriteStartArray(side);
        foreach (StackBranch branch in branches)
        {
            json.WriteStartObject();
            WriteNode(json, branch);
            WriteBranches(json, side, branch.Next);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNode(Utf8JsonWriter json, StackBranch branch)
    {
        if (branch.Node is not { } node)
        {
            json.WriteString("name"u8, "");
            json.WriteString("kind"u8, "missing");
            return;
        }

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

        if (branch.Ranges is { } ranges) WriteRanges(json, ranges);
        if (branch.Hits is { } hits) WriteHits(json, hits);
    }

    private static void WriteHits(Utf8JsonWriter json, MountedHits hits)
    {
        if (hits.Totals is { } totals)
        {
            json.WriteStartArray("files"u8);
            foreach (FileDamage file in totals.Files)
            {
                json.WriteStartObject();
                json.WriteNumber("inode"u8, file.Inode);
                ImpactJson.WritePaths(json, file.Paths);
                WriteRanges(json, file.Lost);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("metadata_structures"u8, totals.Metadata.Count);
        }

        ReportJson.WriteTexts(json, "gaps"u8, hits.Gaps);
    }

    private static void WriteRanges(Utf8JsonWriter json, ByteRangeSet ranges)
    {
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
