// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>One mapping of a fork. On disk it is an <see cref="ExtentRecord"/>, which this writes.</summary>
/// <param name="Length">Blocks, less than 2^21.</param>
internal readonly record struct ForkExtent(FileBlock Offset, FsBlock Start, uint Length, bool IsUnwritten)
{
    /// <summary>Blocks that one mapping has at most: the field has 21 bits.</summary>
    public const uint LengthMax = (1u << LengthBits) - 1;

    private const int LengthBits = 21;
    private const int StartBits = 52;
    private const int LowStartBits = 64 - LengthBits;
    private const int HighStartBits = StartBits - LowStartBits;

    public ulong OffsetEnd => Offset.Value + Length;

    public ulong StartEnd => Start.Value + Length;

    public static ForkExtent Read(ReadOnlySpan<byte> record)
    {
        ExtentRecord extent = ExtentRecord.Read(record);
        return new(extent.Offset, extent.Start, extent.Length, extent.Unwritten);
    }

    public void Write(Span<byte> record)
    {
        ulong high = (IsUnwritten ? 1ul << 63 : 0) | Offset.Value << HighStartBits | Start.Value >> LowStartBits;
        BinaryPrimitives.WriteUInt64BigEndian(record, high);
        BinaryPrimitives.WriteUInt64BigEndian(record[sizeof(ulong)..], Start.Value << LengthBits | Length);
    }

    /// <summary>What is left of the mapping from a file block within it on.</summary>
    public ForkExtent From(ulong offset)
    {
        uint skipped = (uint)(offset - Offset.Value);
        return new(new(offset), new(Start.Value + skipped), Length - skipped, IsUnwritten);
    }

    /// <summary>The mapping up to a file block within it.</summary>
    public ForkExtent Until(ulong end) => this with { Length = (uint)(end - Offset.Value) };
}
