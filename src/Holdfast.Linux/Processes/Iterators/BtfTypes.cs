// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Linux.Processes.Iterators;

/// <summary>
/// What the running kernel says of its own structures and functions: BTF, of
/// Documentation/bpf/btf.rst. Read once from front to back; damaged text is taken for a kernel that says nothing.
/// </summary>
internal sealed class BtfTypes
{
    private const ushort Magic = 0xEB9F;
    private const int HeaderLength = 24;
    private const int TypeLength = 12;
    private const int EntryLength = 12;

    // Kinds that more follows than the twelve bytes each type has.
    private const int Integer = 1;
    private const int Array = 3;
    private const int Structure = 4;
    private const int Union = 5;
    private const int Enumeration = 6;
    private const int Function = 12;
    private const int Prototype = 13;
    private const int Variable = 14;
    private const int Section = 15;
    private const int Tag = 17;
    private const int WideEnumeration = 19;

    private readonly Dictionary<string, uint> _functions = [];
    private readonly Dictionary<(string Structure, string Member), int> _members = [];

    private BtfTypes()
    {
    }

    /// <summary>The number of a function's type; null where the kernel has no such function.</summary>
    internal uint? FunctionNumber(string name) => _functions.TryGetValue(name, out uint number) ? number : null;

    /// <summary>In bytes; null where there is no such member, or it is no whole bytes.</summary>
    internal int? OffsetOf(string structure, string member) =>
        _members.TryGetValue((structure, member), out int offset) ? offset : null;

    /// <param name="bytes">Of /sys/kernel/btf/vmlinux.</param>
    /// <returns>Null where that is no BTF of this machine.</returns>
    internal static BtfTypes? Read(
        ReadOnlySpan<byte> bytes, IReadOnlyList<string> functions,
        IReadOnlyList<(string Structure, string Member)> members)
    {
        if (bytes.Length < HeaderLength || MemoryMarshal.Read<ushort>(bytes) != Magic) return null;
        ReadOnlySpan<uint> header = MemoryMarshal.Cast<byte, uint>(bytes[..HeaderLength]);
        if (Part(bytes, header[1], header[2], header[3]) is not { IsEmpty: false } types) return null;
        if (Part(bytes, header[1], header[4], header[5]) is not { IsEmpty: false } names) return null;
        var found = new BtfTypes();
        byte[][] functionNames = [.. functions.Select(Ended)];
        string[] structures = [.. members.Select(at => at.Structure).Distinct()];
        byte[][] structureNames = [.. structures.Select(Ended)];
        for (uint number = 1; types.Length >= TypeLength; number++)
        {
            uint name = MemoryMarshal.Read<uint>(types);
            uint info = MemoryMarshal.Read<uint>(types[4..]);
            int kind = (int)(info >> 24) & 31;
            long more = Following(kind, info & 0xFFFF);
            types = types[TypeLength..];
            if (more > types.Length) return null;
            if (kind == Function && Find(names, name, functionNames) is >= 0 and var function)
            {
                found._functions[functions[function]] = number;
            }

            if (kind == Structure && Find(names, name, structureNames) is >= 0 and var structure)
            {
                found.Take(structures[structure], types[..(int)more], info >> 31 != 0, names, members);
            }

            types = types[(int)more..];
        }

        return found;
    }

    private void Take(
        string structure, ReadOnlySpan<byte> entries, bool hasBitFields, ReadOnlySpan<byte> names,
        IReadOnlyList<(string Structure, string Member)> members)
    {
        foreach ((string of, string member) in members)
        {
            if (of != structure) continue;
            byte[][] name = [Ended(member)];
            for (int at = 0; at < entries.Length; at += EntryLength)
            {
                if (Find(names, MemoryMarshal.Read<uint>(entries[at..]), name) < 0) continue;
                uint place = MemoryMarshal.Read<uint>(entries[(at + 8)..]);
                // With bit fields the highest byte is a field's width.
                if (hasBitFields) place = place >> 24 == 0 ? place : uint.MaxValue;
                if (place % 8 == 0) _members[(structure, member)] = (int)(place / 8);
            }
        }
    }

    private static long Following(int kind, uint entries) => kind switch
    {
        Integer or Variable or Tag => 4,
        Array => 12,
        Structure or Union or Section or WideEnumeration => entries * 12L,
        Enumeration or Prototype => entries * 8L,
        _ => 0,
    };

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> bytes, uint header, uint offset, uint length)
    {
        ulong begin = (ulong)header + offset;
        return begin + length <= (ulong)bytes.Length ? bytes.Slice((int)begin, (int)length) : default;
    }

    /// <returns>Which of the names it is; -1: none.</returns>
    private static int Find(ReadOnlySpan<byte> names, uint at, byte[][] wanted)
    {
        if (at >= names.Length) return -1;
        ReadOnlySpan<byte> name = names[(int)at..];
        for (int i = 0; i < wanted.Length; i++) if (name.StartsWith(wanted[i])) return i;
        return -1;
    }

    private static byte[] Ended(string name) => [.. System.Text.Encoding.ASCII.GetBytes(name), 0];
}
