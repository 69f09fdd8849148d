// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Items;

/// <summary>
/// Intents that list extents, and the items that say "done". All begin alike: type and size, a count or padding, the
/// number of the intent. Source of the formats: xfs_log_format.h (struct xfs_efi_log_format, xfs_rui_log_format,
/// xfs_cui_log_format, xfs_bui_log_format and their done twins), in host byte order.
/// </summary>
internal static class IntentItem
{
    private const int CountAt = 2 * sizeof(ushort);
    private const int IdAt = CountAt + sizeof(uint);

    /// <summary>Bytes before the extents.</summary>
    private const int HeadSize = IdAt + sizeof(ulong);

    /// <summary>Start and length; padded to eight bytes by 64-bit machines.</summary>
    private const int ExtentSize32 = sizeof(ulong) + sizeof(uint);

    private const int ExtentSize64 = ExtentSize32 + sizeof(uint);

    private const int MapSize = 3 * sizeof(ulong) + 2 * sizeof(uint);
    private const int PhysicalSize = sizeof(ulong) + 2 * sizeof(uint);

    public static BlockFault TryReadExtentFree(LogItem item, LogSequenceNumber lsn, out LoggedIntent? intent)
    {
        intent = null;
        ReadOnlySpan<byte> bytes = item.Region(0);
        BlockFault fault = CheckCount(bytes, "efi_nextents", out int count);
        if (!fault.IsNone) return fault;
        int size = bytes.Length == HeadSize + (long)count * ExtentSize32 && count > 0 ? ExtentSize32 : ExtentSize64;
        fault = CheckLength(bytes, count, size, "efi_nextents");
        if (!fault.IsNone) return fault;
        var extents = new IntentExtent[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> extent = bytes.Slice(HeadSize + i * size, ExtentSize32);
            extents[i] = new(extent.Host64(0), extent.Host32(sizeof(ulong)));
        }

        bool isRealtime = item.Type == LogItemType.RealtimeExtentFree;
        intent = new ExtentFreeIntent(bytes.Host64(IdAt), lsn, isRealtime, extents);
        return BlockFault.None;
    }

    public static BlockFault TryReadReverseMap(LogItem item, LogSequenceNumber lsn, out LoggedIntent? intent)
    {
        intent = null;
        BlockFault fault = TryReadMaps(item, "rui_nextents", out ReverseMapChange[] changes);
        if (!fault.IsNone) return fault;
        bool isRealtime = item.Type == LogItemType.RealtimeReverseMap;
        intent = new ReverseMapIntent(item.Region(0).Host64(IdAt), lsn, isRealtime, changes);
        return BlockFault.None;
    }

    public static BlockFault TryReadBlockMap(LogItem item, LogSequenceNumber lsn, out LoggedIntent? intent)
    {
        intent = null;
        BlockFault fault = TryReadMaps(item, "bui_nextents", out ReverseMapChange[] maps);
        if (!fault.IsNone) return fault;
        if (maps.Length != 1) return BlockFault.Wrong("bui_nextents", 1, (ulong)maps.Length);
        BlockMapChange[] changes =
            [.. maps.Select(m => new BlockMapChange(m.Owner, m.StartBlock, m.StartOffset, m.Length, m.Flags))];
        intent = new BlockMapIntent(item.Region(0).Host64(IdAt), lsn, changes);
        return BlockFault.None;
    }

    public static BlockFault TryReadRefcount(LogItem item, LogSequenceNumber lsn, out LoggedIntent? intent)
    {
        intent = null;
        ReadOnlySpan<byte> bytes = item.Region(0);
        BlockFault fault = CheckCount(bytes, "cui_nextents", out int count);
        if (fault.IsNone) fault = CheckLength(bytes, count, PhysicalSize, "cui_nextents");
        if (!fault.IsNone) return fault;
        var changes = new RefcountChange[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> change = bytes.Slice(HeadSize + i * PhysicalSize, PhysicalSize);
            changes[i] = new(
                change.Host64(0), change.Host32(sizeof(ulong)), change.Host32(sizeof(ulong) + sizeof(uint)));
        }

        bool isRealtime = item.Type == LogItemType.RealtimeRefcount;
        intent = new RefcountIntent(bytes.Host64(IdAt), lsn, isRealtime, changes);
        return BlockFault.None;
    }

    /// <summary>The number of the intent that a "done" item is about.</summary>
    public static BlockFault TryReadDone(LogItem item, out ulong id)
    {
        id = 0;
        ReadOnlySpan<byte> bytes = item.Region(0);
        BlockFault fault;
        if (item.Type is LogItemType.ExtentFreeDone or LogItemType.RealtimeExtentFreeDone)
        {
            // The only one that names what was done.
            fault = CheckCount(bytes, "efd_nextents", out int count);
            if (fault.IsNone && bytes.Length != HeadSize + (long)count * ExtentSize32)
            {
                fault = CheckLength(bytes, count, ExtentSize64, "efd_nextents");
            }
        }
        else
        {
            fault = CheckLength(bytes, 0, 0, "done length");
        }

        if (fault.IsNone) id = bytes.Host64(IdAt);
        return fault;
    }

    private static BlockFault TryReadMaps(LogItem item, string field, out ReverseMapChange[] changes)
    {
        changes = [];
        ReadOnlySpan<byte> bytes = item.Region(0);
        BlockFault fault = CheckCount(bytes, field, out int count);
        if (fault.IsNone) fault = CheckLength(bytes, count, MapSize, field);
        if (!fault.IsNone) return fault;
        changes = new ReverseMapChange[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> map = bytes.Slice(HeadSize + i * MapSize, MapSize);
            changes[i] = new(
                map.Host64(0), map.Host64(sizeof(ulong)), map.Host64(2 * sizeof(ulong)),
                map.Host32(3 * sizeof(ulong)), map.Host32(3 * sizeof(ulong) + sizeof(uint)));
        }

        return BlockFault.None;
    }

    private static BlockFault CheckCount(ReadOnlySpan<byte> bytes, string field, out int count)
    {
        count = 0;
        if (bytes.Length < HeadSize) return BlockFault.OutOfBounds(field, HeadSize, (ulong)bytes.Length);
        uint stored = bytes.Host32(CountAt);
        uint countMax = (uint)(bytes.Length - HeadSize) / ExtentSize32;
        if (stored > countMax) return BlockFault.OutOfBounds(field, stored, countMax);
        count = (int)stored;
        return BlockFault.None;
    }

    private static BlockFault CheckLength(ReadOnlySpan<byte> bytes, int count, int size, string field) =>
        bytes.Length == HeadSize + (long)count * size
            ? BlockFault.None
            : BlockFault.Wrong(field, $"{HeadSize + (long)count * size} bytes", $"{bytes.Length} bytes");
}
