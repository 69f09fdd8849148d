// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures;

/// <summary>Bytes <c>[Offset, Offset + Length)</c> of one device. Both in bytes; neither is ever negative.</summary>
public readonly record struct ByteRange : IComparable<ByteRange>
{
    /// <exception cref="ArgumentOutOfRangeException">A negative number, or an end past 2^63 - 1.</exception>
    public ByteRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - offset);
        Offset = offset;
        Length = length;
    }

    public long Offset { get; }

    public long Length { get; }

    /// <summary>The first byte after the range.</summary>
    public long End => Offset + Length;

    public bool IsEmpty => Length == 0;

    public static ByteRange FromTo(long start, long end) => new(start, end - start);

    /// <summary>Whether any byte is in both; a range of no bytes overlaps nothing.</summary>
    public bool Overlaps(ByteRange other) => Math.Max(Offset, other.Offset) < Math.Min(End, other.End);

    /// <summary>The bytes in both; empty where there are none.</summary>
    public ByteRange Intersect(ByteRange other)
    {
        long start = Math.Max(Offset, other.Offset);
        long end = Math.Min(End, other.End);
        return end > start ? FromTo(start, end) : default;
    }

    public int CompareTo(ByteRange other)
    {
        int byOffset = Offset.CompareTo(other.Offset);
        return byOffset != 0 ? byOffset : Length.CompareTo(other.Length);
    }

    public override string ToString() => $"{Offset}+{Length}";

    public static bool operator <(ByteRange left, ByteRange right) => left.CompareTo(right) < 0;

    public static bool operator >(ByteRange left, ByteRange right) => left.CompareTo(right) > 0;

    public static bool operator <=(ByteRange left, ByteRange right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ByteRange left, ByteRange right) => left.CompareTo(right) >= 0;
}
