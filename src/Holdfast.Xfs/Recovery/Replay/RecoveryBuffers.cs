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
/// The overlay as replay changes it. Sequence numbers and checksums of whole buffers are put in only when the next
/// record's transactions begin: several checkpoints can have one number, and the second of them must not find it in the
/// block already (L11).
/// </summary>
internal sealed class RecoveryBuffers(OverlayBlockSource overlay, bool hasCrc)
{
    private const int ObstaclesMax = 10_000;

    private readonly Dictionary<long, (int Length, BufferType Type)> _unstamped = [];
    private readonly Dictionary<(long, int), bool> _fetched = [];
    private readonly List<Fault> _obstacles = [];
    private byte[] _scratch = new byte[65536];

    /// <summary>Blocks that replay needs and that cannot be had: a mount fails at each.</summary>
    public IReadOnlyList<Fault> Obstacles => _obstacles;

    /// <summary>Makes a buffer's sectors the overlay's. What cannot be had is noted as an obstacle, once.</summary>
    /// <returns>False where some of it cannot be had.</returns>
    public bool Fetch(long offset, int length, string structure)
    {
        if (_fetched.TryGetValue((offset, length), out bool known)) return known;
        ReadFault fault = overlay.Fetch(offset, length);
        if (_fetched.Count > 1 << 18) _fetched.Clear();
        _fetched[(offset, length)] = fault.IsNone;
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

    /// <summary>The buffer was changed: it gets its stamp when the record is done with.</summary>
    public void Touch(long offset, int length, BufferType type)
    {
        if (hasCrc) _unstamped[offset] = (length, type);
    }

    /// <summary>Stamps what was changed by the transactions of one record.</summary>
    public void Settle(LogSequenceNumber lsn)
    {
        foreach ((long offset, (int length, BufferType type)) in _unstamped) Stamp(offset, length, type, lsn);
        _unstamped.Clear();
    }

    private void Stamp(long offset, int length, BufferType type, LogSequenceNumber lsn)
    {
        Span<byte> bytes = _scratch.AsSpan(0, length);
        if (!TryRead(offset, bytes) || !BufferStamp.Agrees(type, bytes)) return;
        BufferStamp stamp = BufferStamp.Find(bytes);
        if (stamp.LsnAt >= 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes[stamp.LsnAt..], lsn.Value);
            Patch(offset + stamp.LsnAt, bytes.Slice(stamp.LsnAt, sizeof(ulong)));
        }

        if (stamp.CrcAt < 0) return;
        Crc32c.Write(bytes, stamp.CrcAt);
        Patch(offset + stamp.CrcAt, bytes.Slice(stamp.CrcAt, Crc32c.Size));
    }
}
