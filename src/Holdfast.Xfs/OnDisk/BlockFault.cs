// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Xfs.OnDisk;

/// <summary>Why a block is not believed: the field, what it should be and what it is. None where it is sound.</summary>
public readonly record struct BlockFault
{
    private BlockFault(string field, string wanted, string found)
    {
        Field = field;
        Wanted = wanted;
        Found = found;
    }

    public static BlockFault None => default;

    /// <summary>The field's name in the format's words, or "read" where the block could not be had.</summary>
    public string Field { get; }

    /// <summary>The right value as text; empty where no one value is right.</summary>
    public string Wanted { get; }

    public string Found { get; }

    public bool IsNone => Field is null;

    public static BlockFault Wrong(string field, ulong wanted, ulong found) =>
        new(field, wanted.ToString(), found.ToString());

    public static BlockFault WrongHex(string field, ulong wanted, ulong found) =>
        new(field, $"0x{wanted:x}", $"0x{found:x}");

    public static BlockFault Wrong(string field, string wanted, string found) => new(field, wanted, found);

    /// <summary>A value outside what the format allows.</summary>
    public static BlockFault OutOfBounds(string field, ulong found, ulong atMost) =>
        new(field, $"at most {atMost}", found.ToString());

    public static BlockFault Bad(string field, string found) => new(field, "", found);

    public static BlockFault Unreadable(ReadFault fault) => new("read", "", fault.ToString());

    /// <summary>With the place, as an answer reports it.</summary>
    public Fault At(DeviceRole device, long offset, long length, string structure) =>
        new(device, offset, length, structure, Field, Wanted, Found);
}
