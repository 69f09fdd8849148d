// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Records;

namespace Holdfast.Xfs.Recovery.Transactions;

/// <summary>
/// One item of a transaction: its type and its regions, of which the first describes the others. Good as long as its
/// transaction is.
/// </summary>
internal readonly struct LogItem(LogTransaction transaction, int firstRegion, int regionCount, int regionsDeclared)
{
    /// <summary>Tells the items of a transaction apart.</summary>
    public int Id => firstRegion;

    /// <summary>Regions that are there.</summary>
    public int RegionCount => regionCount;

    /// <summary>Regions that the item says it has; more than there are where the log is damaged.</summary>
    public int RegionsDeclared => regionsDeclared;

    public ReadOnlyMemory<byte> RegionMemory(int index) => transaction.Region(firstRegion + index);

    public ReadOnlySpan<byte> Region(int index) => transaction.Region(firstRegion + index).Span;

    /// <summary>The first word of the first region, in host byte order.</summary>
    public LogItemType Type => (LogItemType)BinaryPrimitives.ReadUInt16LittleEndian(Region(0));
}

/// <summary>
/// A transaction as its operations come in from the records: a checkpoint of the running filesystem. Handed out when it
/// is committed, and good only until the receiver returns. Regions are slices of the records they were read in, or
/// copies where a region goes on in the next record.
/// </summary>
internal sealed class LogTransaction
{
    /// <summary>More regions than any item has (XLOG_MAX_REGIONS_IN_ITEM).</summary>
    private const int RegionsPerItemMax = ((65536 >> 7) * 2) + 1;

    /// <summary>Bytes that a region has at most: no buffer and no value comes near it. Bounds the work of putting
    /// together what a damaged log says goes on and on.</summary>
    private const int RegionBytesMax = 1 << 20;

    /// <summary>Bytes of the type and the count that begin every item.</summary>
    private const int ItemPrologSize = 2 * sizeof(ushort);

    private readonly List<(int First, int Declared)> _items = [];
    private readonly List<ReadOnlyMemory<byte>> _regions = [];
    private readonly List<LogRecord> _records = [];
    private readonly byte[] _header = new byte[TransactionHeader.Size];
    private int _headerFilled;

    public uint Id { get; private set; }

    /// <summary>The record that holds the start of the transaction (L6).</summary>
    public LogSequenceNumber Lsn { get; private set; }

    /// <summary>The record that holds its commit.</summary>
    public LogSequenceNumber CommitLsn { get; internal set; }

    public int Count => _items.Count;

    /// <summary>Bytes of all regions.</summary>
    public long Bytes { get; private set; }

    public LogItem this[int index]
    {
        get
        {
            (int first, int declared) = _items[index];
            int end = index + 1 < _items.Count ? _items[index + 1].First : _regions.Count;
            return new(this, first, end - first, declared);
        }
    }

    internal ReadOnlyMemory<byte> Region(int index) => _regions[index];

    internal void Start(uint id, LogSequenceNumber lsn)
    {
        Id = id;
        Lsn = lsn;
    }

    /// <summary>Lets go of the records, ready for another transaction.</summary>
    internal void Clear()
    {
        foreach (LogRecord record in _records) record.Release();
        _records.Clear();
        _items.Clear();
        _regions.Clear();
        _headerFilled = 0;
        Bytes = 0;
    }

    /// <summary>A region begins.</summary>
    internal BlockFault Add(LogRecord record, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty) return BlockFault.None;
        if (_headerFilled < TransactionHeader.Size)
        {
            if (_headerFilled > 0) return BlockFault.Bad("th_magic", "the transaction's header comes twice");
            BlockFault fault = TransactionHeader.CheckStart(bytes.Span);
            return fault.IsNone ? FillHeader(bytes.Span) : fault;
        }

        Hold(record);
        if (_items.Count > 0 && RegionsOfLast() < _items[^1].Declared)
        {
            AddRegion(bytes);
            return BlockFault.None;
        }

        if (bytes.Length < ItemPrologSize) return BlockFault.OutOfBounds("item", ItemPrologSize, (ulong)bytes.Length);
        int declared = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[sizeof(ushort)..]);
        if (declared is 0 or > RegionsPerItemMax)
        {
            return BlockFault.Wrong("item size", $"1 to {RegionsPerItemMax} regions", $"{declared}");
        }

        _items.Add((_regions.Count, declared));
        AddRegion(bytes);
        return BlockFault.None;
    }

    /// <summary>A region that began in an earlier record goes on.</summary>
    internal BlockFault Continue(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty) return BlockFault.None;
        if (_headerFilled < TransactionHeader.Size) return FillHeader(bytes.Span);
        if (_items.Count == 0) return BlockFault.Bad("oh_flags", "nothing is there to go on");
        ReadOnlyMemory<byte> start = _regions[^1];
        if (start.Length + bytes.Length > RegionBytesMax)
        {
            return BlockFault.OutOfBounds("oh_len", (ulong)(start.Length + bytes.Length), RegionBytesMax);
        }

        byte[] whole = GC.AllocateUninitializedArray<byte>(start.Length + bytes.Length);
        start.CopyTo(whole);
        bytes.CopyTo(whole.AsMemory(start.Length));
        _regions[^1] = whole;
        Bytes += bytes.Length;
        return BlockFault.None;
    }

    private int RegionsOfLast() => _regions.Count - _items[^1].First;

    private void AddRegion(ReadOnlyMemory<byte> bytes)
    {
        _regions.Add(bytes);
        Bytes += bytes.Length;
    }

    private void Hold(LogRecord record)
    {
        if (_records.Count > 0 && _records[^1] == record) return;
        record.Hold();
        _records.Add(record);
    }

    private BlockFault FillHeader(ReadOnlySpan<byte> bytes)
    {
        int room = TransactionHeader.Size - _headerFilled;
        if (bytes.Length > room) return BlockFault.OutOfBounds("th length", (ulong)bytes.Length, (ulong)room);
        bytes.CopyTo(_header.AsSpan(_headerFilled));
        _headerFilled += bytes.Length;
        return BlockFault.None;
    }
}
