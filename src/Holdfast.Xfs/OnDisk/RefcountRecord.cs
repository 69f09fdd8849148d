// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// Blocks with more than one owner, or blocks staged for copy-on-write (count 1, and the top bit of the start set).
/// Source of the format: xfs_format.h (struct xfs_refcount_rec).
/// </summary>
public readonly record struct RefcountRecord(AgBlock Start, uint Length, uint Count, bool IsCow)
{
    public const int Size = 3 * sizeof(uint);

    private const uint CowFlag = 1u << 31;

    public static RefcountRecord Read(ReadOnlySpan<byte> bytes)
    {
        uint start = bytes.U32(0);
        return new(
            new(start & ~CowFlag), bytes.U32(sizeof(uint)), bytes.U32(2 * sizeof(uint)), (start & CowFlag) != 0);
    }
}
