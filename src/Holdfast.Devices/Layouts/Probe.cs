// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// One source while it is being found out what lies on it. Keeps apart what is wrong (<see cref="Faults"/>) and what
/// could not be looked at (<see cref="Misses"/>): a miss matters only where nothing else tells what the source holds.
/// </summary>
internal sealed class Probe(IBlockSource source)
{
    internal IBlockSource Source => source;

    internal List<LayoutFault> Faults { get; } = [];

    internal List<LayoutFault> Misses { get; } = [];

    /// <summary>
    /// Reads a structure from where it would be. False where it cannot be there, for the source ends before, or where
    /// it cannot be read, which is a miss.
    /// </summary>
    internal bool TryRead(long offset, Span<byte> buffer, string structure)
    {
        if (offset < 0 || offset > source.Length - buffer.Length) return false;
        ReadFault fault = source.Read(offset, buffer);
        if (fault.IsNone) return true;
        LayoutFault miss = At(offset, buffer.Length, structure, "read", fault.ToString());
        if (!Misses.Contains(miss)) Misses.Add(miss);
        return false;
    }

    /// <summary>Moves the misses to the faults: what could not be looked at would have mattered.</summary>
    internal void MissesAreFaults(LayoutFaultEffect effect)
    {
        Faults.AddRange(Misses.Select(m => m with { Effect = effect }));
        Misses.Clear();
    }

    internal LayoutFault At(long offset, long length, string structure, string field, string found) =>
        new(source.Name, offset, length, structure, field, string.Empty, found);

    internal LayoutFault Wrong(long offset, long length, string structure, string field, ulong wanted, ulong found) =>
        new(source.Name, offset, length, structure, field, $"{wanted}", $"{found}");

    internal LayoutFault WrongHex(
        long offset, long length, string structure, string field, ulong wanted, ulong found) =>
        new(source.Name, offset, length, structure, field, $"0x{wanted:x}", $"0x{found:x}");
}
