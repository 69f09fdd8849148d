// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Xfs.Describe;

namespace Holdfast.Cli.Output;

/// <summary>A structure taken apart, for programs: "title", "fields" by name, "tables" of columns and rows.</summary>
internal static class DescriptionJson
{
    public static void Write(Utf8JsonWriter json, Description description)
    {
        json.WriteString("title"u8, description.Title);
        json.WriteBoolean("sound"u8, description.IsSound());
        json.WriteStartObject("fields"u8);
        foreach (Field field in description.Fields) json.WriteString(field.Name, field.Value);
        json.WriteEndObject();
        json.WriteStartArray("tables"u8);
        foreach (Table table in description.Tables) Write(json, table);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Table table)
    {
        json.WriteStartObject();
        json.WriteString("title"u8, table.Title);
        json.WriteNumber("total"u8, table.Total);
        ReportJson.WriteTexts(json, "columns"u8, table.Columns);
        json.WriteStartArray("rows"u8);
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            json.WriteStartArray();
            foreach (string value in row) json.WriteStringValue(value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
