// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>A run of free blocks in a group: record and key of both free-space btrees.</summary>
public readonly record struct FreeRecord(AgBlock Start, uint Length)
{
    public const int Size = 2 * sizeof(uint);

    public static FreeRecord Read(ReadOnlySpan<byte> bytes) => new(new(bytes.U32(0)), bytes.U32(sizeof(uint)));
}
