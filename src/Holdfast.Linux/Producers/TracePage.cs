// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Holdfast.Linux.Producers;

/// <summary>An event of a page. Bytes are valid during the call.</summary>
/// <param name="timestamp">By the trace's clock, nanoseconds as a rule.</param>
public delegate void TraceEventVisitor(ulong timestamp, ReadOnlySpan<byte> data);

/// <summary>
/// A page of per_cpu/cpuN/trace_pipe_raw (ring-buffer-design.rst; events/header_page and header_event): a time, how
/// much of the page is used, and events, each with a header of 32 bits: 5 of type or length, 27 of time since the last.
/// Little-endian, 64 bits, as on every machine .NET runs on.
/// </summary>
public static class TracePage
{
    private const int CommitAt = sizeof(ulong);
    private const int DataAt = CommitAt + sizeof(ulong);
    private const int Header = sizeof(uint);
    private const int TypeMask = 0x1f;
    private const int TypeBits = 5;
    private const int DeltaBits = 27;

    // Values of the type: up to 28 it is a length in words.
    private const int LengthFollows = 0;
    private const int Padding = 29;
    private const int TimeExtend = 30;
    private const int TimeStamp = 31;

    private const ulong CommitMask = 0xfffff;
    private const ulong MissedEvents = 1ul << 31;
    private const ulong MissedStored = 1ul << 30;

    /// <returns>Events that were lost before this page; -1 where some were and nobody knows how many.</returns>
    public static long Read(ReadOnlySpan<byte> page, TraceEventVisitor each)
    {
        if (page.Length < DataAt) return 0;
        ulong time = BinaryPrimitives.ReadUInt64LittleEndian(page);
        ulong commit = BinaryPrimitives.ReadUInt64LittleEndian(page[CommitAt..]);
        int length = (int)Math.Min(commit & CommitMask, (ulong)(page.Length - DataAt));
        Walk(page.Slice(DataAt, length), time, each);
        if ((commit & MissedEvents) == 0) return 0;
        // Where there is room behind the events, their number stands there.
        bool isCounted = (commit & MissedStored) != 0 && page.Length - DataAt - length >= sizeof(ulong);
        return isCounted ? (long)BinaryPrimitives.ReadUInt64LittleEndian(page[(DataAt + length)..]) : -1;
    }

    private static void Walk(ReadOnlySpan<byte> rest, ulong time, TraceEventVisitor each)
    {
        while (rest.Length >= Header)
        {
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            int type = (int)(header & TypeMask);
            ulong delta = header >> TypeBits;
            rest = rest[Header..];
            int size;
            switch (type)
            {
                case Padding when delta == 0 || rest.Length < sizeof(uint):
                    return;
                case Padding:
                    size = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(rest), int.MaxValue);
                    break;
                case TimeExtend or TimeStamp:
                    if (rest.Length < sizeof(uint)) return;
                    ulong high = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(rest) << DeltaBits;
                    time = type == TimeExtend ? time + high + delta : high + delta;
                    size = sizeof(uint);
                    break;
                case LengthFollows:
                    if (rest.Length < sizeof(uint)) return;
                    size = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(rest), int.MaxValue);
                    time += delta;
                    if (size < sizeof(uint) || size > rest.Length) return;
                    each(time, rest[sizeof(uint)..size]);
                    break;
                default:
                    size = type * sizeof(uint);
                    time += delta;
                    if (size > rest.Length) return;
                    each(time, rest[..size]);
                    break;
            }

            // Every length is in words.
            int step = (size + sizeof(uint) - 1) / sizeof(uint) * sizeof(uint);
            if (step <= 0 || step > rest.Length) return;
            rest = rest[step..];
        }
    }
}
