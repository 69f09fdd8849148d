// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Producers;

/// <summary>A field of a trace event.</summary>
/// <param name="Offset">Byte of the event at which it begins; <paramref name="Size"/> in bytes.</param>
public readonly record struct TraceField(int Offset, int Size, bool IsSigned)
{
    /// <returns>False where the event ends before it, or it is no number of 4 or 8 bytes.</returns>
    public bool TryRead(ReadOnlySpan<byte> data, out long value)
    {
        value = 0;
        if (Offset < 0 || Offset + Size > data.Length) return false;
        ReadOnlySpan<byte> bytes = data[Offset..];
        switch (Size)
        {
            case sizeof(int) when IsSigned: value = MemoryMarshal.Read<int>(bytes); break;
            case sizeof(int): value = MemoryMarshal.Read<uint>(bytes); break;
            case sizeof(long): value = MemoryMarshal.Read<long>(bytes); break;
            default: return false;
        }

        return true;
    }
}

/// <summary>
/// The "format" file of a trace event (events.rst): its number and where its fields lie, which differs from kernel to
/// kernel.
/// </summary>
public sealed class TraceFormat
{
    private const string PrintLine = "print fmt: ";

    private readonly Dictionary<string, TraceField> _fields;
    private readonly string _print;

    private TraceFormat(int id, Dictionary<string, TraceField> fields, string print) =>
        (Id, _fields, _print) = (id, fields, print);

    /// <summary>The number that each such event begins with.</summary>
    public int Id { get; }

    /// <exception cref="InvalidDataException">It is no such file, or lacks a field.</exception>
    public static TraceFormat Parse(string text, params ReadOnlySpan<string> needed)
    {
        int id = -1;
        string print = "";
        var fields = new Dictionary<string, TraceField>();
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("ID: ", StringComparison.Ordinal))
            {
                _ = int.TryParse(line[4..], NumberStyles.None, CultureInfo.InvariantCulture, out id);
            }

            if (line.StartsWith(PrintLine, StringComparison.Ordinal)) print = line[PrintLine.Length..];
            if (TryParse(line, out string name, out TraceField field)) fields[name] = field;
        }

        if (id < 0) throw new InvalidDataException("a trace event's format without \"ID:\"");
        foreach (string name in needed)
        {
            if (!fields.ContainsKey(name)) throw new InvalidDataException($"a trace event's format without {name}");
        }

        return new(id, fields, print);
    }

    public TraceField this[string name] => _fields[name];

    /// <summary>
    /// The words that the kernel itself prints for a field's numbers, which differ from kernel to kernel:
    /// "__print_symbolic(REC->result, { 0, "Ignored" }, …)". What is not a number with a word is passed over.
    /// </summary>
    public IReadOnlyDictionary<long, string> WordsOf(string field)
    {
        var words = new Dictionary<long, string>();
        string head = $"__print_symbolic(REC->{field},";
        int at = _print.IndexOf(head, StringComparison.Ordinal);
        if (at < 0) return words;
        ReadOnlySpan<char> rest = _print.AsSpan(at + head.Length);
        while (true)
        {
            rest = rest.TrimStart(" ,");
            if (rest.IsEmpty || rest[0] != '{') return words;
            int comma = rest.IndexOf(',');
            int open = rest.IndexOf('"');
            int close = open < 0 ? -1 : rest[(open + 1)..].IndexOf('"') + open + 1;
            if (comma < 0 || open < comma || close <= open) return words;
            if (TryNumber(rest[1..comma].Trim(), out long number)) words[number] = rest[(open + 1)..close].ToString();
            int end = rest[close..].IndexOf('}');
            if (end < 0) return words;
            rest = rest[(close + end + 1)..];
        }
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) => text.StartsWith("0x")
        ? long.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

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
