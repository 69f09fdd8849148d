// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Testing.Programs;

namespace Holdfast.Cli.Tests;

/// <summary>
/// As much of JSON Schema 2020-12 as the project's own schemas use. A keyword that is not known here is refused, so
/// that no schema says something nobody checks.
/// </summary>
internal sealed class JsonSchema
{
    private const string Here = "#/$defs/";
    private readonly JsonElement _root;
    private readonly JsonElement _start;

    private JsonSchema(JsonElement root, JsonElement start) => (_root, _start) = (root, start);

    public static JsonSchema Load(string path)
    {
        JsonElement root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
        return new(root, root);
    }

    /// <summary>One definition of a schema of docs/.</summary>
    public static JsonSchema Of(string name, string definition)
    {
        JsonSchema all = Load(Checkout.PathOf("docs", $"{name}.schema.json"));
        return new(all._root, all._root.GetProperty("$defs").GetProperty(definition));
    }

    /// <summary>Every way in which the value breaks the schema: "/impacts/3/length: …". None where it fits.</summary>
    public IReadOnlyList<string> Check(JsonElement value)
    {
        var faults = new List<string>();
        Check(_start, value, "", faults);
        return faults;
    }

    private void Check(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            JsonElement rule = keyword.Value;
            switch (keyword.Name)
            {
                case "$schema" or "$id" or "$defs" or "title" or "description" or "then":
                    break;
                case "$ref":
                    Follow(rule.GetString()!, value, at, faults);
                    break;
                case "type":
                    if (!IsOfType(value, rule.GetString()!)) faults.Add($"{at}: {value.ValueKind} is no {rule}");
                    break;
                case "const":
                    if (!JsonElement.DeepEquals(value, rule)) faults.Add($"{at}: {value} is not {rule}");
                    break;
                case "enum":
                    if (!rule.EnumerateArray().Any(e => JsonElement.DeepEquals(e, value))) faults.Add($"{at}: {value}");
                    break;
                case "minimum":
                    if (value.GetDecimal() < rule.GetDecimal()) faults.Add($"{at}: {value} is below {rule}");
                    break;
                case "items":
                    CheckItems(rule, value, at, faults);
                    break;
                case "required":
                    CheckRequired(rule, value, at, faults);
                    break;
                case "properties":
                    CheckProperties(rule, value, at, faults);
                    break;
                case "additionalProperties":
                    CheckNoOthers(schema, value, at, faults);
                    break;
                case "if":
                    CheckThen(schema, rule, value, at, faults);
                    break;
                default:
                    throw new NotSupportedException($"{at}: keyword {keyword.Name}");
            }
        }
    }

    /// <summary>A reference to a definition of this schema, or of another one by its $id.</summary>
    private void Follow(string reference, JsonElement value, string at, List<string> faults)
    {
        string[] parts = reference.Split(Here);
        JsonSchema schema = parts[0].Length == 0
            ? new(_root, _root.GetProperty("$defs").GetProperty(parts[1]))
            : Of(parts[0].Split(':')[2], parts[1]);
        schema.Check(schema._start, value, at, faults);
    }

    private void CheckItems(JsonElement rule, JsonElement value, string at, List<string> faults)
    {
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray()) Check(rule, item, $"{at}/{index++}", faults);
    }

    private static void CheckRequired(JsonElement rule, JsonElement value, string at, List<string> faults)
    {
        foreach (JsonElement name in rule.EnumerateArray())
        {
            if (!value.TryGetProperty(name.GetString()!, out _)) faults.Add($"{at}: no {name}");
        }
    }

    private void CheckProperties(JsonElement rule, JsonElement value, string at, List<string> faults)
    {
        foreach (JsonProperty property in rule.EnumerateObject())
        {
            if (value.TryGetProperty(property.Name, out JsonElement inner))
            {
                Check(property.Value, inner, $"{at}/{property.Name}", faults);
            }
        }
    }

    private static void CheckNoOthers(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        JsonElement known = schema.GetProperty("properties");
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (!known.TryGetProperty(property.Name, out _)) faults.Add($"{at}: {property.Name} is not described");
        }
    }

    private void CheckThen(JsonElement schema, JsonElement rule, JsonElement value, string at, List<string> faults)
    {
        var condition = new List<string>();
        Check(rule, value, at, condition);
        if (condition.Count == 0) Check(schema.GetProperty("then"), value, at, faults);
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || value.TryGetUInt64(out _)),
        _ => throw new NotSupportedException(type),
    };
}
