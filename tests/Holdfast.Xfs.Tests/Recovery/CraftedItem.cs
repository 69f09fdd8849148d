// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Records;
using Holdfast.Xfs.Recovery.Transactions;
using static Holdfast.Xfs.Tests.Recovery.IntentRegions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>Items as a transaction hands them out, made of given regions.</summary>
internal static class CraftedItem
{
    internal static readonly LogSequenceNumber Lsn = new(cycle: 5, block: 100);

    /// <summary>A transaction with one item; regions of no bytes are no regions.</summary>
    internal static LogItem Of(params byte[][] regions) => Transaction(regions)[0];

    internal static LogTransaction Transaction(params byte[][][] items) => Transaction(Lsn, items);

    internal static LogTransaction Transaction(LogSequenceNumber lsn, params byte[][][] items)
    {
        var transaction = new LogTransaction();
        var record = new LogRecord(null!);
        transaction.Start(1, lsn);
        byte[] header = new byte[TransactionHeader.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x5452414E);
        Assert.True(transaction.Add(record, header).IsNone);
        foreach (byte[] region in items.SelectMany(item => item))
        {
            BlockFault fault = transaction.Add(record, region);
            Assert.True(fault.IsNone, $"{fault}");
        }

        return transaction;
    }

    /// <summary>A buffer of which the given chunks of 128 bytes were logged, each run of them in a region.</summary>
    internal static byte[][] Buffer(
        ulong block, ushort sectors, BufferType type, ushort flags, params (int FirstChunk, byte[] Bytes)[] runs)
    {
        uint[] map = new uint[4];
        foreach ((int first, byte[] bytes) in runs)
        {
            for (int chunk = first; chunk < first + bytes.Length / BufferItem.ChunkSize; chunk++)
            {
                map[chunk / 32] |= 1u << chunk % 32;
            }
        }

        byte[] format =
        [
            .. Host((ushort)LogItemType.Buffer), .. Host((ushort)(1 + runs.Length)),
            .. Host((ushort)(flags | (int)type << 11)), .. Host(sectors), .. Host(block), .. Host((uint)map.Length),
            .. map.SelectMany(word => Host(word)),
        ];
        return [format, .. runs.Select(run => run.Bytes)];
    }
}
