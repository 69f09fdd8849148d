// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Intents as the log holds them: the regions of one item. Source of the formats: xfs_log_format.h (struct
/// xfs_efi_log_format and its fellows), in host byte order.
/// </summary>
internal static class IntentRegions
{
    private const uint ParentReplace = 6; // XFS_ATTRI_OP_FLAGS_PPTR_REPLACE

    internal static byte[][] Of(LoggedIntent intent) => intent switch
    {
        ExtentFreeIntent free => [[
            .. Head(LogItemType.ExtentFree, free.Extents.Count, free.Id),
            .. free.Extents.SelectMany(at => (byte[])[.. Host(at.Start), .. Host(at.Length), .. Host(0u)]),
        ]],
        ReverseMapIntent map => [[
            .. Head(LogItemType.ReverseMap, map.Changes.Count, map.Id),
            .. map.Changes.SelectMany(at => Map(at.Owner, at.StartBlock, at.StartOffset, at.Length, at.Flags)),
        ]],
        RefcountIntent count => [[
            .. Head(LogItemType.Refcount, count.Changes.Count, count.Id),
            .. count.Changes.SelectMany(at => (byte[])[.. Host(at.Start), .. Host(at.Length), .. Host(at.Flags)]),
        ]],
        BlockMapIntent map => [[
            .. Head(LogItemType.BlockMap, map.Changes.Count, map.Id),
            .. map.Changes.SelectMany(at => Map(at.Inode, at.StartBlock, at.StartOffset, at.Length, at.Flags)),
        ]],
        ExchangeIntent exchange => [[
            .. Head(LogItemType.Exchange, 0, exchange.Id), .. Host(exchange.Inode1), .. Host(exchange.Inode2),
            .. Host(exchange.Generation1), .. Host(exchange.Generation2), .. Host(exchange.StartOffset1),
            .. Host(exchange.StartOffset2), .. Host(exchange.BlockCount), .. Host(exchange.Flags),
            .. Host(exchange.Size1), .. Host(exchange.Size2),
        ]],
        AttributeIntent attribute => Attribute(attribute),
        _ => throw new ArgumentException(intent.ToString()),
    };

    /// <summary>What says that an intent was carried out: its type follows the intent's.</summary>
    internal static byte[][] Done(LogItemType intent, ulong id) => [Head(intent + 1, 0, id)];

    private static byte[][] Attribute(AttributeIntent intent)
    {
        ReadOnlyMemory<byte>[] named = [intent.Name, intent.NewName, intent.Value, intent.NewValue];
        byte[][] regions = [.. named.Where(at => at.Length > 0).Select(Padded)];
        uint lengths = (uint)intent.Name.Length
            | (intent.Operation == ParentReplace ? (uint)intent.NewName.Length << 16 : 0);
        byte[] format =
        [
            .. Host((ushort)LogItemType.Attribute), .. Host((ushort)(regions.Length + 1)), .. Host(intent.Generation),
            .. Host(intent.Id), .. Host(intent.Inode), .. Host(intent.Operation), .. Host(lengths),
            .. Host((uint)intent.Value.Length), .. Host(intent.Filter),
        ];
        return [format, .. regions];
    }

    private static byte[] Head(LogItemType type, int count, ulong id) =>
        [.. Host((ushort)type), .. Host((ushort)1), .. Host((uint)count), .. Host(id)];

    private static byte[] Map(ulong owner, ulong block, ulong offset, uint length, uint flags) =>
        [.. Host(owner), .. Host(block), .. Host(offset), .. Host(length), .. Host(flags)];

    private static byte[] Padded(ReadOnlyMemory<byte> region)
    {
        byte[] padded = new byte[(region.Length + sizeof(uint) - 1) / sizeof(uint) * sizeof(uint)];
        region.CopyTo(padded);
        return padded;
    }

    internal static byte[] Host<T>(T value)
        where T : struct => MemoryMarshal.AsBytes<T>(new T[] { value }).ToArray();
}
