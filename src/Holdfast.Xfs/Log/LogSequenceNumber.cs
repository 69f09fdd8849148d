// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Log;

/// <summary>
/// A place in the history of the log: which time round it was written (the cycle, in the upper half) and the log
/// block, in 512-byte units from the log's start (in the lower half).
/// </summary>
public readonly record struct LogSequenceNumber(ulong Value) : IComparable<LogSequenceNumber>
{
    public LogSequenceNumber(uint cycle, uint block)
        : this((ulong)cycle << 32 | block)
    {
    }

    public uint Cycle => (uint)(Value >> 32);

    public uint Block => (uint)Value;

    public int CompareTo(LogSequenceNumber other) => Value.CompareTo(other.Value);

    public override string ToString() => $"{Cycle}:{Block}";

    public static bool operator <(LogSequenceNumber left, LogSequenceNumber right) => left.Value < right.Value;

    public static bool operator >(LogSequenceNumber left, LogSequenceNumber right) => left.Value > right.Value;

    public static bool operator <=(LogSequenceNumber left, LogSequenceNumber right) => left.Value <= right.Value;

    public static bool operator >=(LogSequenceNumber left, LogSequenceNumber right) => left.Value >= right.Value;
}
