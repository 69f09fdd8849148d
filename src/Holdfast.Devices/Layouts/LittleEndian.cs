// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Devices.Layouts;

/// <summary>Little-endian fields by position: partition tables, LVM labels and md superblocks.</summary>
internal static class LittleEndian
{
    internal static ushort U16(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    internal static uint U32(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    internal static int S32(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    internal static ulong U64(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    /// <summary>A GUID as UEFI stores it: the first three fields little-endian.</summary>
    internal static Guid Guid(this ReadOnlySpan<byte> bytes, int at) => new(bytes.Slice(at, 16));
}
