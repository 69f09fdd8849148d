// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>
/// The overlay as replay changes it. Sequence numbers are put into whole buffers only when the next record's
/// transactions begin: several checkpoints can have one number, and the second of them must not find it in the block
/// already (L11). Their checksums are put in once, at the end: nothing asks for them before.
/// </summary>
internal sealed class RecoveryBuffers(OverlayBlockSource overlay, bool hasCrc)
{
    private const int ObstaclesMax = 10_000;

    private readonly Dictionary<long, (int Length, BufferType Type)> _unstamped = [];
    private readonly Dictionary<long, (int Length, BufferType Type)> _changed = [];
    private readonly Dictionary<(long Offset, int Length), bool> _fetched = [];
    private (long Offset, int Length) _lastFetched = (-1, 0);
    private long _lastAhead = -1;
    private readonly List<Fault> _obstacles = [];
    private readonly byte[] _scratch = new byte[65536];

    /// <summary>Blocks that replay needs and that cannot be had: a mount fails at each.</summary>
    public IReadOnlyList<Fault> Obstacles => _obstacles;

    /// <summary>Makes a buffer's sectors the overlay's. What cannot be had is noted as an obstacle, once.</summary>
    /// <returns>False where some of it cannot be had.</returns>
    public bool Fetch(long offset, int length, string structure)
    {
        // Inodes come one by one, and thirty-two lie in a buffer.
        if (_lastFetched == (offset, length)) return true;
        if (!_fetched.TryGetValue((offset, length), out bool isWhole))
        {
            isWhole = FetchNew(offset, length, structure);
            _fetched[(offset, length)] = isWhole;
        }

        if (isWhole) _lastFetched = (offset, length);
        return isWhole;
    }

    /// <summary>A buffer will be wanted soon.</summary>
    public void Prefetch(long offset, int length)
    {
        if (_lastFetched == (offset, length) || _lastAhead == offset) return;
        _lastAhead = offset;
        if (!_fetched.ContainsKey((offset, length))) overlay.Prefetch(offset, length);
    }

    private bool FetchNew(long offset, int length, string structure)
    {
        ReadFault fault = overlay.Fetch(offset, length);
        if (fault.IsNone) return true;
        if (_obstacles.Count < ObstaclesMax)
        {
            _obstacles.Add(BlockFault.Unreadable(fault).At(DeviceRole.Data, offset, length, structure));
        }

        // The good sectors after the bad one are wanted too.
        for (int at = 0; at < length; at += OverlayBlockSource.SectorBytes)
        {
            _ = overlay.Fetch(offset + at, OverlayBlockSource.SectorBytes);
        }

        return false;
    }

    /// <summary>Reads what is in the overlay or on the device.</summary>
    public bool TryRead(long offset, Span<byte> bytes) => overlay.Read(offset, bytes).IsNone;

    /// <summary>Are all sectors of these bytes the overlay's, so that they can be patched?</summary>
    public bool Covers(long offset, int length)
    {
        long first = offset & ~(OverlayBlockSource.SectorBytes - 1L);
        return overlay.Covers(first, offset + length - first);
    }

    public void Patch(long offset, ReadOnlySpan<byte> bytes) => overlay.Patch(offset, bytes);

    /// <summary>Whole sectors, of which nothing need be known before. An image that is cut off takes none past its
    /// end.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset <= overlay.Length - bytes.Length) overlay.Write(offset, bytes);
    }

    /// <summary>The buffer was changed: it gets its sequence number when the record is done with.</summary>
    public void Touch(long offset, int length, BufferType type)
    {
        if (hasCrc) _unstamped[offset] = (length, type);
    }

    /// <summary>Puts the number of a record into what its transactions changed.</summary>
    public void Settle(LogSequenceNumber lsn)
    {
        Span<byte> prefix = _scratch.AsSpan(0, BufferStamp.PrefixSize);
        foreach ((long offset, (int Length, BufferType Type) buffer) in _unstamped)
        {
            _changed[offset] = buffer;
            if (!TryRead(offset, prefix) || !BufferStamp.Agrees(buffer.Type, prefix)) continue;
            BufferStamp stamp = BufferStamp.Find(prefix);
            if (stamp.LsnAt < 0 || !Covers(offset + stamp.LsnAt, sizeof(ulong))) continue;
            BinaryPrimitives.WriteUInt64BigEndian(prefix[stamp.LsnAt..], lsn.Value);
            Patch(offset + stamp.LsnAt, prefix.Slice(stamp.LsnAt, sizeof(ulong)));
        }

        _unstamped.Clear();
    }

    /// <summary>Was it changed, and its checksum is not put in yet?</summary>
    public bool IsChanged(long offset) => _changed.ContainsKey(offset);

    /// <summary>Puts in the checksums of all that was changed, after the last record.</summary>
    public void WriteChecksums()
    {
        foreach ((long offset, (int length, BufferType type)) in _changed)
        {
            Span<byte> bytes = _scratch.AsSpan(0, length);
            if (!TryRead(offset, bytes) || !BufferStamp.Agrees(type, bytes)) continue;
            BufferStamp stamp = BufferStamp.Find(bytes);
            if (stamp.CrcAt < 0 || !Covers(offset + stamp.CrcAt, Crc32c.Size)) continue;
            Crc32c.Write(bytes, stamp.CrcAt);
            Patch(offset + stamp.CrcAt, bytes.Slice(stamp.CrcAt, Crc32c.Size));
        }

        _changed.Clear();
    }
}
