// SPDX-License-Identifier: Apache-2.0
using System.Text.Encodings.Web;
using System.Text.Json;
using Holdfast.Devices.Layouts;
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Output;

/// <summary>Writes holdfast.report/1 (docs/report.schema.json), streaming: there may be a million impacts.</summary>
internal static class ReportJson
{
    private const int PendingBytesMax = 1 << 15;

    /// <param name="isForPeople">Indented; a program gets one line.</param>
    public static void Write(Stream stream, LocateReport report, bool isForPeople)
    {
        using var json = new Utf8JsonWriter(stream, Options(isForPeople));
        json.WriteStartObject();
        json.WriteString("schema"u8, LocateReport.Schema);
        json.WriteString("target"u8, report.Target);
        WriteAnswer(json, report);
        json.WriteEndObject();
        json.Flush();
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Names are shown as they are; only what JSON itself reserves is escaped.</summary>
    public static JsonWriterOptions Options(bool isForPeople) => new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = isForPeople,
        SkipValidation = true,
    };

    public static void WriteFault(Utf8JsonWriter json, Fault fault)
    {
        json.WriteStartObject();
        json.WriteString("device"u8, Words.Of(fault.Device));
        json.WriteNumber("offset"u8, fault.Offset);
        json.WriteNumber("length"u8, fault.Length);
        json.WriteString("structure"u8, fault.Structure);
        json.WriteString("field"u8, fault.Field);
        json.WriteString("wanted"u8, fault.Wanted);
        json.WriteString("found"u8, fault.Found);
        json.WriteBoolean("worked_around"u8, fault.IsWorkedAround);
        json.WriteEndObject();
    }

    public static void WriteVolume(Utf8JsonWriter json, ReportVolume volume)
    {
        json.WriteStartObject("volume"u8);
        json.WriteString("name"u8, volume.Name);
        json.WriteString("uuid"u8, volume.Uuid);
        json.WriteString("label"u8, volume.Label);
        if (volume.Offset is { } offset) json.WriteNumber("offset"u8, offset);
        json.WriteNumber("length"u8, volume.Length);
        json.WriteNumber("block_size"u8, volume.BlockSize);
        json.WriteEndObject();
    }

    public static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>What a report says of its filesystem, and of the images in it, as deep as they go.</summary>
    private static void WriteAnswer(Utf8JsonWriter json, LocateReport report)
    {
        json.WriteString("answered_by"u8, report.AnsweredBy);
        WriteVolume(json, report.Volume);
        WriteRanges(json, report);
        WriteTotals(json, report.Totals);
        json.WriteBoolean("complete"u8, report.IsComplete);
        WriteTexts(json, "gaps"u8, report.Gaps);
        WriteTexts(json, "notes"u8, report.Notes);
        json.WriteStartArray("faults"u8);
        foreach (Fault fault in report.Faults) WriteFault(json, fault);
        json.WriteEndArray();
        WriteOutside(json, report.Outside);
        if (report.Mount is { } mount) LogJson.WriteMount(json, mount);
        json.WriteStartArray("impacts"u8);
        foreach (Impact impact in report.Impacts)
        {
            ImpactJson.Write(json, impact);
            if (json.BytesPending > PendingBytesMax) json.Flush();
        }

        json.WriteEndArray();
        if (report.Images is not { } images) return;
        json.WriteStartArray("images"u8);
        foreach (ImageReport image in images)
        {
            json.WriteStartObject();
            ImpactJson.WritePaths(json, image.Paths);
            json.WriteNumber("inode"u8, image.Inode);
            WriteAnswer(json, image.Report);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRanges(Utf8JsonWriter json, LocateReport report)
    {
        json.WriteStartObject("ranges"u8);
        json.WriteNumber("count"u8, report.Ranges.Count);
        json.WriteNumber("bytes"u8, report.Ranges.TotalLength);
        json.WriteStartArray("sources"u8);
        foreach (RangeSource source in report.Sources)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, source.Kind);
            json.WriteString("name"u8, source.Name);
            json.WriteNumber("count"u8, source.Count);
            json.WriteNumber("bytes"u8, source.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOutside(Utf8JsonWriter json, IReadOnlyList<DiskArea> areas)
    {
        json.WriteStartArray("outside"u8);
        foreach (DiskArea area in areas)
        {
            json.WriteStartObject();
            json.WriteNumber("offset"u8, area.Range.Offset);
            json.WriteNumber("length"u8, area.Range.Length);
            json.WriteString("what"u8, area.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTotals(Utf8JsonWriter json, ReportTotals totals)
    {
        json.WriteStartObject("totals"u8);
        json.WriteNumber("files_damaged"u8, totals.Files.Count);
        json.WriteNumber("bytes_lost"u8, totals.BytesLost);
        json.WriteNumber("metadata_structures"u8, totals.Metadata.Count);
        json.WriteNumber("free_bytes"u8, totals.FreeBytes);
        json.WriteNumber("unwritten_bytes"u8, totals.UnwrittenBytes);
        json.WriteNumber("beyond_eof_bytes"u8, totals.BeyondEofBytes);
        json.WriteNumber("other_harmless_bytes"u8, totals.OtherHarmlessBytes);
        json.WriteNumber("unknown_bytes"u8, totals.UnknownBytes);
        json.WriteNumber("outside_bytes"u8, totals.OutsideBytes);
        json.WriteEndObject();
    }
}
