// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Log;

/// <summary>
/// The header of one operation within a record. Source of the format: xfs_log_format.h (struct xlog_op_header).
/// </summary>
public readonly record struct LogOperationHeader(uint TransactionId, uint Length, byte Client, byte Flags)
{
    /// <summary>The operation that a clean unmount leaves as the last of the log.</summary>
    public const byte UnmountFlag = 0x20;

    private const int TransactionIdAt = 0;
    private const int LengthAt = TransactionIdAt + sizeof(uint);
    private const int ClientAt = LengthAt + sizeof(uint);
    private const int FlagsAt = ClientAt + 1;
    private const int ReservedAt = FlagsAt + 1;

    /// <summary>Bytes in an operation header.</summary>
    public const int Size = ReservedAt + sizeof(ushort);

    public bool IsUnmount => (Flags & UnmountFlag) != 0;

    public static LogOperationHeader Read(ReadOnlySpan<byte> bytes) =>
        new(bytes.U32(TransactionIdAt), bytes.U32(LengthAt), bytes[ClientAt], bytes[FlagsAt]);
}
