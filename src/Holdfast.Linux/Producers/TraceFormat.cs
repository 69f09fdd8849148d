// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Linux.Producers;

/// <summary>A field of a trace event.</summary>
/// <param name="Offset">Byte of the event at which it begins; <paramref name="Size"/> in bytes.</param>
public readonly record struct TraceField(int Offset, int Size, bool IsSigned);

/// <summary>
/// The "format" file of a trace event (events.rst): its number and where its fields lie, which differs from kernel to
/// kernel.
/// </summary>
public sealed class TraceFormat
{
    private readonly Dictionary<string, TraceField> _fields;

    private TraceFormat(int id, Dictionary<string, TraceField> fields) => (Id, _fields) = (id, fields);

    /// <summary>The number that each such event begins with.</summary>
    public int Id { get; }

    /// <exception cref="InvalidDataException">It is no such file, or lacks a field.</exception>
    public static TraceFormat Parse(string text, params ReadOnlySpan<string> needed)
    {
        int id = -1;
        var fields = new Dictionary<string, TraceField>();
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("ID: ", StringComparison.Ordinal))
            {
                _ = int.TryParse(line[4..], NumberStyles.None, CultureInfo.InvariantCulture, out id);
            }

            if (TryParse(line, out string name, out TraceField field)) fields[name] = field;
        }

        if (id < 0) throw new InvalidDataException("a trace event's format without \"ID:\"");
        foreach (string name in needed)
        {
            if (!fields.ContainsKey(name)) throw new InvalidDataException($"a trace event's format without {name}");
        }

        return new(id, fields);
    }

    public TraceField this[string name] => _fields[name];

    /// <summary>"field:sector_t sector;	offset:16;	size:8;	signed:0;"</summary>
    private static bool TryParse(string line, out string name, out TraceField field)
    {
        name = "";
        field = default;
        string[] parts = line.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 4 || !parts[0].StartsWith("field:", StringComparison.Ordinal)) return false;
        string declared = parts[0].Split('[')[0].Trim();
        name = declared[(declared.LastIndexOfAny([' ', '*']) + 1)..];
        if (!Number(parts[1], "offset:", out int offset) || !Number(parts[2], "size:", out int size)) return false;
        if (!Number(parts[3], "signed:", out int signed)) return false;
        field = new(offset, size, signed != 0);
        return true;
    }

    private static bool Number(string part, string name, out int value)
    {
        value = 0;
        return part.StartsWith(name, StringComparison.Ordinal)
            && int.TryParse(part[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
