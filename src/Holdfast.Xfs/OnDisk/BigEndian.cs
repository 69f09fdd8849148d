// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Xfs.OnDisk;

/// <summary>Big-endian fields by position: everything in XFS but checksums and the host-order parts of the
/// log.</summary>
internal static class BigEndian
{
    internal static ushort U16(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    internal static uint U32(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    internal static ulong U64(this ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]);

    internal static Guid Uuid(this ReadOnlySpan<byte> bytes, int at) => new(bytes.Slice(at, 16), bigEndian: true);
}
