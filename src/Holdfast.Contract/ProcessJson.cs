// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using Holdfast.Failures.Impacts;

namespace Holdfast.Contract;

/// <summary>Writes the processes of an impact: "process" of docs/report.schema.json.</summary>
internal static class ProcessJson
{
    internal static void Write(Utf8JsonWriter json, IReadOnlyList<ProcessUse> processes)
    {
        json.WriteStartArray("processes"u8);
        foreach (ProcessUse process in processes) Write(json, process);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ProcessUse process)
    {
        json.WriteStartObject();
        json.WriteNumber("pid"u8, process.ProcessId);
        json.WriteNumber("start_time"u8, process.StartTime);
        json.WriteString("name"u8, process.Name);
        json.WriteNumber("uid"u8, process.User);
        if (process.Unit is { } unit) json.WriteString("unit"u8, unit);
        if (process.Container is { } container) json.WriteString("container"u8, container);
        json.WriteBoolean("certain"u8, process.IsCertain);
        json.WriteStartArray("mapped"u8);
        foreach (MappedBytes at in process.Mapped)
        {
            json.WriteStartObject();
            // JavaScript's numbers do not hold an address.
            json.WriteString("address"u8, string.Create(CultureInfo.InvariantCulture, $"0x{at.Address:x}"));
            json.WriteNumber("length"u8, at.Length);
            json.WriteNumber("file_offset"u8, at.FileOffset);
            json.WriteBoolean("shared"u8, at.IsShared);
            json.WriteBoolean("writable"u8, at.IsWritable);
            if (at.IsOwnCopy) json.WriteBoolean("own_copy"u8, true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("descriptors"u8);
        foreach (OpenDescriptor at in process.Descriptors)
        {
            json.WriteStartObject();
            json.WriteNumber("fd"u8, at.Number);
            json.WriteBoolean("reads"u8, at.Reads);
            json.WriteBoolean("writes"u8, at.Writes);
            json.WriteNumber("position"u8, at.Position);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
