// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;

namespace Holdfast.Xfs.Recovery.Records;

/// <summary>
/// One record of the log with its data as it was before cycle numbers were put into it. Counted by those who use its
/// bytes: the last one to let go gives the buffer back to the reader.
/// </summary>
internal sealed class LogRecord(LogRecordReader reader)
{
    private byte[] _data = [];
    private int _users;

    /// <summary>Log block of the header.</summary>
    public long Block { get; private set; }

    public LogSequenceNumber Lsn { get; private set; }

    public LogSequenceNumber TailLsn { get; private set; }

    /// <summary>Operations that the header counts.</summary>
    public uint OperationCount { get; private set; }

    /// <summary>As stored. Where it is not zero it was verified when the ends of the log were found.</summary>
    public uint Checksum { get; private set; }

    /// <summary>Bytes of data.</summary>
    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Data => _data.AsMemory(0, Length);

    internal void Fill(long block, LogRecordHeader header)
    {
        Block = block;
        Lsn = header.Lsn;
        TailLsn = header.TailLsn;
        OperationCount = header.OperationCount;
        Checksum = header.Checksum;
        Length = (int)header.Length;
        _users = 1;
    }

    /// <summary>Room for whole log blocks.</summary>
    internal Span<byte> Room(int bytes)
    {
        if (_data.Length < bytes) _data = GC.AllocateUninitializedArray<byte>(bytes);
        return _data.AsSpan(0, bytes);
    }

    public void Hold() => _users++;

    public void Release()
    {
        if (--_users == 0) reader.TakeBack(this);
    }
}
