// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Core.Records;

/// <summary>
/// Gives out UUIDs of version 7 that always rise, also when the clock is set back: what is sorted by id is sorted by
/// acceptance. Not safe for several threads; the ledger's writer is one.
/// </summary>
/// <param name="random">Only for the bits that keep two hosts apart.</param>
public sealed class FailureIds(TimeProvider time, Random random)
{
    private const int CounterBits = 12;
    private long _last;

    /// <summary>
    /// 48 bits of milliseconds, 12 of a counter where a plain UUIDv7 has random ones, 62 random ones.
    /// </summary>
    public Guid Next()
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds() << CounterBits;
        _last = Math.Max(_last + 1, now);
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes, _last >> CounterBits << 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | (_last & ((1 << CounterBits) - 1))));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Nothing given out after this sorts before <paramref name="id"/>.</summary>
    public void NotBefore(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        long milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16;
        long counter = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & ((1 << CounterBits) - 1);
        _last = Math.Max(_last, (milliseconds << CounterBits) | counter);
    }
}
