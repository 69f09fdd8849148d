// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Xfs.Recovery.Items;

/// <summary>Fields of logged items by position: the machine that wrote the log wrote them in its own order.</summary>
internal static class LittleEndian
{
    internal static ushort Host16(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    internal static uint Host32(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    internal static ulong Host64(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
