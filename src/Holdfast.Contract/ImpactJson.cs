// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Unicode;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Contract;

/// <summary>
/// One impact as a JSON object, field by field as docs/report.schema.json has it. What an owner does not have is left
/// out; the flags of a hit on a file are always there.
/// </summary>
public static class ImpactJson
{
    public static void Write(Utf8JsonWriter json, Impact impact)
    {
        json.WriteStartObject();
        json.WriteString("owner"u8, ImpactWords.Of(impact.Owner));
        if (impact.Device != DeviceRole.Data) json.WriteString("device"u8, ImpactWords.Of(impact.Device));
        if (impact.Inode is { } inode) json.WriteNumber("inode"u8, inode);
        if (impact.Fork is { } fork) json.WriteString("fork"u8, ImpactWords.Of(fork));
        json.WriteNumber("physical"u8, impact.Physical);
        json.WriteNumber("length"u8, impact.Length);
        if (impact.FileOffset is { } offset) json.WriteNumber("file_offset"u8, offset);
        json.WriteString("severity"u8, ImpactWords.Of(impact.Severity));
        if (impact.Confidence != Confidence.Exact) json.WriteString("confidence"u8, ImpactWords.Of(impact.Confidence));
        if (impact.Structure is { } structure) json.WriteString("structure"u8, structure);
        if (impact.Cost is { } cost) json.WriteString("cost"u8, cost);
        if (impact.Owner == OwnerKind.Inode) WriteFile(json, impact);
        WriteLosses(json, impact);
        if (impact.AllocatedByRecovery) json.WriteBoolean("allocated_by_recovery"u8, true);
        json.WriteEndObject();
    }

    /// <summary>
    /// "paths" for everybody; "paths_base64", the same paths in the same order as their bytes, where one is not UTF-8.
    /// </summary>
    public static void WritePaths(Utf8JsonWriter json, IReadOnlyList<PathName> paths)
    {
        bool allUtf8 = true;
        json.WriteStartArray("paths"u8);
        for (int i = 0; i < paths.Count; i++) allUtf8 &= WriteName(json, paths[i]);
        json.WriteEndArray();
        if (allUtf8) return;
        json.WriteStartArray("paths_base64"u8);
        for (int i = 0; i < paths.Count; i++) json.WriteBase64StringValue(paths[i].Bytes.Span);
        json.WriteEndArray();
    }

    /// <summary>One name under its property; its bytes beside it, as "…_base64", where they are not UTF-8.</summary>
    public static void WritePath(Utf8JsonWriter json, string property, PathName path)
    {
        json.WritePropertyName(property);
        if (!WriteName(json, path)) json.WriteBase64String(property + "_base64", path.Bytes.Span);
    }

    private static void WriteFile(Utf8JsonWriter json, Impact impact)
    {
        if (impact.FileType is { } type) json.WriteString("file_type"u8, type);
        if (impact.FileSize is { } size) json.WriteNumber("file_size"u8, size);
        json.WriteBoolean("shared"u8, impact.Shared);
        json.WriteBoolean("unwritten"u8, impact.Unwritten);
        json.WriteBoolean("beyond_eof"u8, impact.BeyondEof);
        json.WriteBoolean("block_map"u8, impact.BlockMap);
        WritePaths(json, impact.Paths);
    }

    private static void WriteLosses(Utf8JsonWriter json, Impact impact)
    {
        if (impact.AttributeKinds.Count > 0)
        {
            json.WriteStartArray("attribute_kinds"u8);
            foreach (string kind in impact.AttributeKinds) json.WriteStringValue(kind);
            json.WriteEndArray();
        }

        if (impact.LostMappings.Count > 0) WriteRanges(json, "lost_mappings"u8, "file_offset"u8, impact.LostMappings);
        if (impact.LostEntries.Count > 0) WriteLostEntries(json, impact.LostEntries);
        if (impact.LostInodes.Count > 0) WriteLostInodes(json, impact.LostInodes);
        if (impact.Processes.Count > 0) ProcessJson.Write(json, impact.Processes);
    }

    private static void WriteLostEntries(Utf8JsonWriter json, IReadOnlyList<LostEntry> entries)
    {
        json.WriteStartArray("lost_entries"u8);
        foreach (LostEntry entry in entries)
        {
            json.WriteStartObject();
            json.WriteNumber("inode"u8, entry.Inode);
            if (entry.FileType is { } type) json.WriteString("file_type"u8, type);
            if (!entry.IsCertain) json.WriteBoolean("certain"u8, false);
            if (entry.Name is { } name)
            {
                json.WritePropertyName("name"u8);
                if (!WriteName(json, name)) json.WriteBase64String("name_base64"u8, name.Bytes.Span);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLostInodes(Utf8JsonWriter json, IReadOnlyList<LostInode> inodes)
    {
        json.WriteStartArray("lost_inodes"u8);
        foreach (LostInode lost in inodes)
        {
            json.WriteStartObject();
            json.WriteNumber("inode"u8, lost.Inode);
            WritePaths(json, lost.Paths);
            WriteRanges(json, "unreachable"u8, "physical"u8, lost.UnreachableRanges);
            json.WriteBoolean("unreachable_known"u8, lost.RangesKnown);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRanges(
        Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> offsetName, IReadOnlyList<ByteRange> ranges)
    {
        json.WriteStartArray(name);
        foreach (ByteRange range in ranges)
        {
            json.WriteStartObject();
            json.WriteNumber(offsetName, range.Offset);
            json.WriteNumber("length"u8, range.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <returns>False where the name is not UTF-8 and was written with replacement characters.</returns>
    private static bool WriteName(Utf8JsonWriter json, PathName name)
    {
        if (Utf8.IsValid(name.Bytes.Span))
        {
            json.WriteStringValue(name.Bytes.Span);
            return true;
        }

        json.WriteStringValue(name.ToString());
        return false;
    }
}
