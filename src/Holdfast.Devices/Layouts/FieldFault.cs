// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>Why a structure is not believed, before its place is known. None where it is sound.</summary>
internal readonly record struct FieldFault(string Field, string Wanted, string Found)
{
    internal static FieldFault None => default;

    internal bool IsNone => Field is null;

    internal static FieldFault Wrong(string field, ulong wanted, ulong found) => new(field, $"{wanted}", $"{found}");

    internal static FieldFault WrongHex(string field, ulong wanted, ulong found) =>
        new(field, $"0x{wanted:x}", $"0x{found:x}");

    internal static FieldFault Bad(string field, string found) => new(field, string.Empty, found);

    internal LayoutFault At(Probe probe, long offset, long length, string structure) =>
        new(probe.Source.Name, offset, length, structure, Field, Wanted, Found);
}
