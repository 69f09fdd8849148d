// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// One mapping of a fork, 128 packed bits on disk: 1 unwritten, 54 file offset, 52 start block, 21 length.
/// Source of the format: xfs_format.h (struct xfs_bmbt_rec).
/// </summary>
public readonly record struct ExtentRecord(FileBlock Offset, FsBlock Start, uint Length, bool Unwritten)
{
    public const int Size = 2 * sizeof(ulong);

    private const int LengthBits = 21;
    private const int LowStartBits = 64 - LengthBits;
    private const int HighStartBits = 52 - LowStartBits;

    public ulong OffsetEnd => Offset.Value + Length;

    public static ExtentRecord Read(ReadOnlySpan<byte> bytes)
    {
        ulong high = bytes.U64(0);
        ulong low = bytes.U64(sizeof(ulong));
        return new(
            new(high << 1 >> (HighStartBits + 1)),
            new((high & ((1ul << HighStartBits) - 1)) << LowStartBits | low >> LengthBits),
            (uint)(low & ((1ul << LengthBits) - 1)),
            high >> 63 != 0);
    }
}
