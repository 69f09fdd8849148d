// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Replay;
using Holdfast.Xfs.Recovery.Transactions;
using static Holdfast.Xfs.Tests.Recovery.IntentRegions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: a logged item is believed only whole and sound, whatever a damaged log holds.
/// Method: regions built field by field; cut at every length, and with counts that promise more than there is.
/// </summary>
public sealed class ItemFormatTests
{
    private delegate BlockFault Reader(LogItem item, out LoggedIntent? intent);

    private static readonly byte[] Extent = [.. Host(77ul), .. Host(3u)];
    private static readonly byte[] Map = [.. Host(131ul), .. Host(77ul), .. Host(9ul), .. Host(3u), .. Host(1u)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Extents_to_be_freed_come_in_two_widths(bool is32)
    {
        byte[] padding = is32 ? [] : Host(0u);
        byte[] region = [.. Head(LogItemType.ExtentFree, 2), .. Extent, .. padding, .. Extent, .. padding];
        // Cut to the narrow extents' length, the wide ones are narrow ones.
        OnlyWhole(region, ReadExtentFree, otherLength: 40);
        ExtentFreeIntent intent = Assert.IsType<ExtentFreeIntent>(Read(region, ReadExtentFree));
        Assert.Equal([new(77, 3), new(77, 3)], intent.Extents);
        Assert.Equal(0xabcul, intent.Id);
        Assert.False(intent.IsRealtime);
        Assert.Equal(CraftedItem.Lsn, intent.Lsn);
    }

    [Fact]
    public void Reverse_maps_reference_counts_and_block_maps_are_read()
    {
        byte[] maps = [.. Head(LogItemType.RealtimeReverseMap, 2), .. Map, .. Map];
        OnlyWhole(maps, ReadReverseMap);
        ReverseMapIntent reverse = Assert.IsType<ReverseMapIntent>(Read(maps, ReadReverseMap));
        Assert.Equal([new(131, 77, 9, 3, 1), new(131, 77, 9, 3, 1)], reverse.Changes);
        Assert.True(reverse.IsRealtime);

        byte[] counts = [.. Head(LogItemType.Refcount, 1), .. Extent, .. Host(4u)];
        OnlyWhole(counts, ReadRefcount);
        Assert.Equal([new(77, 3, 4)], Assert.IsType<RefcountIntent>(Read(counts, ReadRefcount)).Changes);

        byte[] map = [.. Head(LogItemType.BlockMap, 1), .. Map];
        OnlyWhole(map, ReadBlockMap);
        Assert.Equal([new(131, 77, 9, 3, 1)], Assert.IsType<BlockMapIntent>(Read(map, ReadBlockMap)).Changes);
        byte[] two = [.. Head(LogItemType.BlockMap, 2), .. Map, .. Map];
        Assert.Equal("bui_nextents", ReadBlockMap(CraftedItem.Of(two), out _).Field);
    }

    [Theory]
    [InlineData(LogItemType.ExtentFree)]
    [InlineData(LogItemType.ReverseMap)]
    [InlineData(LogItemType.Refcount)]
    [InlineData(LogItemType.BlockMap)]
    public void Counts_that_promise_more_than_there_is_are_refused(object type)
    {
        foreach (uint count in new[] { 2u, 3u, 0x10000000u, 0x15555556u, 0x7fffffffu, 0x80000001u, uint.MaxValue })
        {
            var item = CraftedItem.Of([.. Head((LogItemType)type, count), .. Map]);
            BlockFault fault = (LogItemType)type switch
            {
                LogItemType.ExtentFree => ReadExtentFree(item, out _),
                LogItemType.ReverseMap => ReadReverseMap(item, out _),
                LogItemType.Refcount => ReadRefcount(item, out _),
                _ => ReadBlockMap(item, out _),
            };
            // Two padded extents are as long as one map.
            bool isRight = (LogItemType)type is LogItemType.ExtentFree or LogItemType.Refcount && count == 2;
            Assert.Equal(isRight, fault.IsNone);
        }
    }

    [Theory]
    [InlineData(LogItemType.ExtentFreeDone, 1)]
    [InlineData(LogItemType.ReverseMapDone, 0)]
    [InlineData(LogItemType.ExchangeDone, 0)]
    public void Done_items_name_their_intent(object type, int extents)
    {
        byte[] region = [.. Head((LogItemType)type, (uint)extents), .. extents > 0 ? Extent : []];
        Assert.True(IntentItem.TryReadDone(CraftedItem.Of(region), out ulong id).IsNone);
        Assert.Equal(0xabcul, id);
        for (int length = sizeof(uint); length < region.Length; length++)
        {
            Assert.False(IntentItem.TryReadDone(CraftedItem.Of(region[..length]), out _).IsNone, $"cut at {length}");
        }

        Assert.False(IntentItem.TryReadDone(CraftedItem.Of([.. region, 0, 0, 0, 0, 0]), out _).IsNone);
    }

    [Fact]
    public void A_done_item_takes_every_open_intent_of_its_number_and_type()
    {
        var open = new OpenIntents();
        LoggedIntent first = new ExtentFreeIntent(7, CraftedItem.Lsn, false, []);
        LoggedIntent second = new RefcountIntent(7, CraftedItem.Lsn, false, []);
        LoggedIntent third = new ExtentFreeIntent(8, CraftedItem.Lsn, false, []);
        open.Add(LogItemType.ExtentFree, first);
        open.Add(LogItemType.Refcount, second);
        open.Add(LogItemType.ExtentFree, third);
        open.Add(LogItemType.ExtentFree, first with { });
        open.Done(LogItemType.ExtentFree, 7);
        Assert.Equal([second, third], open.ToList());
        open.Done(LogItemType.ExtentFree, 7);
        Assert.Equal(1, open.DoneWithoutIntent);
        open.Add(LogItemType.ExtentFree, first);
        Assert.Equal([second, third, first], open.ToList());
    }

    [Fact]
    public void An_exchange_is_read_whole_or_not_at_all()
    {
        byte[] region =
        [
            .. Head(LogItemType.Exchange, 0), .. Host(131ul), .. Host(132ul), .. Host(5u), .. Host(6u), .. Host(10ul),
            .. Host(20ul), .. Host(30ul), .. Host(1ul), .. Host(4096ul), .. Host(8192ul),
        ];
        OnlyWhole(region, ReadExchange);
        ExchangeIntent intent = Assert.IsType<ExchangeIntent>(Read(region, ReadExchange));
        Assert.Equal((131ul, 132ul, 5u, 6u), (intent.Inode1, intent.Inode2, intent.Generation1, intent.Generation2));
        Assert.Equal((10ul, 20ul, 30ul), (intent.StartOffset1, intent.StartOffset2, intent.BlockCount));
        Assert.Equal((1ul, 4096L, 8192L), (intent.Flags, intent.Size1, intent.Size2));
        region[sizeof(uint)] = 1;
        Assert.Equal("xmi pad", ReadExchange(CraftedItem.Of(region), out _).Field);
    }

    [Fact]
    public void A_buffers_bitmap_stays_within_its_item()
    {
        byte[] format = CraftedItem.Buffer(800, 8, BufferType.Btree, 0, (0, new byte[128]))[0];
        for (int length = sizeof(uint); length < format.Length; length++)
        {
            Assert.False(BufferItem.TryOpen(CraftedItem.Of(format[..length]), out _).IsNone, $"cut at {length}");
        }

        foreach (uint words in new[] { 5u, 0x40000000u, 0x7fffffffu, 0x80000000u, uint.MaxValue })
        {
            byte[] hostile = [.. format];
            BinaryPrimitives.WriteUInt32LittleEndian(hostile.AsSpan(16), words);
            Assert.Equal("blf_map_size", BufferItem.TryOpen(CraftedItem.Of(hostile), out _).Field);
        }
    }

    /// <summary>L8: one run of changed chunks can come as several regions.</summary>
    [Fact]
    public void A_run_may_be_split_and_none_may_leave_the_buffer()
    {
        byte[][] split = CraftedItem.Buffer(800, 8, BufferType.Btree, 0, (1, new byte[256]), (3, new byte[128]));
        Assert.Equal([(128, 256), (384, 128)], Runs(split, out BlockFault fault));
        Assert.True(fault.IsNone);
        byte[][] outside = CraftedItem.Buffer(800, 8, BufferType.Btree, 0, (31, new byte[256]));
        Assert.Empty(Runs(outside, out fault));
        Assert.Equal("blf_data_map", fault.Field);
        byte[][] missing = CraftedItem.Buffer(800, 8, BufferType.Btree, 0, (1, new byte[128]), (5, new byte[128]));
        Assert.Equal([(128, 128)], Runs(missing[..2], out fault));
        Assert.Equal("blf_size", fault.Field);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_inode_comes_in_two_layouts(bool is32)
    {
        byte[] format =
        [
            .. Host((ushort)LogItemType.Inode), .. Host((ushort)3), .. Host((uint)InodeParts.Core | 2u),
            .. Host((ushort)0), .. Host((ushort)64), .. is32 ? [] : Host(0u), .. Host(131ul), .. new byte[16],
            .. Host(64ul), .. Host(32u), .. Host(1536u),
        ];
        LogItem whole = CraftedItem.Of(format, new byte[176], new byte[64]);
        Assert.True(InodeItem.TryOpen(whole, 512, out InodeItem item).IsNone);
        Assert.Equal((131ul, 64ul, 32u, 1536u), (item.Inode.Value, item.Block, item.Sectors, item.BufferOffset));
        Assert.Equal(64, item.DataFork.Length);
        Assert.True(item.AttributeFork.IsEmpty);
        for (int length = sizeof(uint); length < format.Length; length++)
        {
            LogItem cut = CraftedItem.Of(format[..length], new byte[176], new byte[64]);
            Assert.False(InodeItem.TryOpen(cut, 512, out _).IsNone, $"cut at {length}");
        }

        Assert.Equal("ilf_size", InodeItem.TryOpen(CraftedItem.Of(format, new byte[176]), 512, out _).Field);
        Assert.Equal("ilf_boffset", InodeItem.TryOpen(whole, 1024, out _).Field);
    }

    [Fact]
    public void The_root_of_a_btree_needs_room()
    {
        byte[] root = new byte[72 + 16];
        BinaryPrimitives.WriteUInt16BigEndian(root.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt16BigEndian(root.AsSpan(6), 1);
        Assert.True(ForkRoots.Put(root, new byte[20], BtreeFormat.Bmbt, hasCrc: true).IsNone);
        for (int room = 0; room < 20; room++)
        {
            Assert.False(ForkRoots.Put(root, new byte[room], BtreeFormat.Bmbt, hasCrc: true).IsNone, $"{room} bytes");
        }

        for (int length = 0; length < root.Length; length++)
        {
            BlockFault fault = ForkRoots.Put(root.AsSpan(0, length), new byte[20], BtreeFormat.Bmbt, hasCrc: true);
            Assert.False(fault.IsNone, $"{length} bytes");
        }
    }

    private static List<(int At, int Length)> Runs(byte[][] regions, out BlockFault fault)
    {
        var runs = new List<(int, int)>();
        Assert.True(BufferItem.TryOpen(CraftedItem.Of(regions), out BufferItem buffer).IsNone);
        fault = buffer.ForEachRun(runs, static (to, at, bytes) => to.Add((at, bytes.Length)));
        return runs;
    }

    private static byte[] Head(LogItemType type, uint count) =>
        [.. Host((ushort)type), .. Host((ushort)1), .. Host(count), .. Host(0xabcul)];

    private static LoggedIntent? Read(byte[] region, Reader read)
    {
        BlockFault fault = read(CraftedItem.Of(region), out LoggedIntent? intent);
        Assert.True(fault.IsNone, $"{fault}");
        return intent;
    }

    private static void OnlyWhole(byte[] region, Reader read, int otherLength = -1)
    {
        for (int length = sizeof(uint); length < region.Length; length++)
        {
            if (length == otherLength) continue;
            Assert.False(read(CraftedItem.Of(region[..length]), out LoggedIntent? intent).IsNone, $"cut at {length}");
            Assert.Null(intent);
        }

        Assert.False(read(CraftedItem.Of([.. region, 0, 0, 0, 0]), out _).IsNone);
    }

    private static BlockFault ReadExtentFree(LogItem item, out LoggedIntent? intent) =>
        IntentItem.TryReadExtentFree(item, CraftedItem.Lsn, out intent);

    private static BlockFault ReadReverseMap(LogItem item, out LoggedIntent? intent) =>
        IntentItem.TryReadReverseMap(item, CraftedItem.Lsn, out intent);

    private static BlockFault ReadRefcount(LogItem item, out LoggedIntent? intent) =>
        IntentItem.TryReadRefcount(item, CraftedItem.Lsn, out intent);

    private static BlockFault ReadBlockMap(LogItem item, out LoggedIntent? intent) =>
        IntentItem.TryReadBlockMap(item, CraftedItem.Lsn, out intent);

    private static BlockFault ReadExchange(LogItem item, out LoggedIntent? intent) =>
        ExchangeIntentItem.TryRead(item, CraftedItem.Lsn, out intent);
}
