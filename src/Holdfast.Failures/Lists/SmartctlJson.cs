// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;

namespace Holdfast.Failures.Lists;

/// <summary>
/// A value of smartctl's output with the path to it, for faults. What is absent, or is not of the kind asked for, is
/// absent: every question may be asked of it.
/// </summary>
internal readonly record struct SmartctlJson(JsonElement Element, string Path)
{
    public bool Exists => Element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public SmartctlJson this[string key]
    {
        get
        {
            string path = string.IsNullOrEmpty(Path) ? key : $"{Path}.{key}";
            JsonElement value = default;
            bool found = Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(key, out value);
            return new(found ? value : default, path);
        }
    }

    /// <summary>A string; null where there is none.</summary>
    public string? Text => Element.ValueKind == JsonValueKind.String ? Element.GetString() : null;

    /// <summary>A whole number from 0 to 2^63 - 1; null where there is none.</summary>
    public long? Number =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt64(out long number) && number >= 0
            ? number : null;

    /// <summary>The objects of an array. smartctl fills places it has no entry for with null.</summary>
    public IEnumerable<SmartctlJson> Entries()
    {
        if (Element.ValueKind != JsonValueKind.Array) yield break;
        int index = 0;
        foreach (JsonElement entry in Element.EnumerateArray())
        {
            if (entry.ValueKind == JsonValueKind.Object) yield return new(entry, $"{Path}[{index}]");
            index++;
        }
    }

    /// <summary>The objects among an object's members whose key is <paramref name="prefix"/> and a number.</summary>
    public IEnumerable<SmartctlJson> Numbered(string prefix)
    {
        if (Element.ValueKind != JsonValueKind.Object) yield break;
        foreach (JsonProperty member in Element.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Object) continue;
            string key = member.Name;
            if (!key.StartsWith(prefix, StringComparison.Ordinal)) continue;
            if (key.Length > prefix.Length && key.AsSpan(prefix.Length).ContainsAnyExceptInRange('0', '9')) continue;
            if (key.Length > prefix.Length) yield return this[key];
        }
    }

    /// <summary>The value's own text, for faults.</summary>
    public byte[] Raw => Exists ? Encoding.UTF8.GetBytes(Element.GetRawText()) : [];
}
