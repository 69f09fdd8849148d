// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Devices.Sources;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Replay;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: what is replayed over a block, and what is not, follows from what lies there (L10 to L15).
/// Method: one block on a device in memory, items of our own, and what the overlay has afterwards.
/// </summary>
public sealed class ReplayGuardTests
{
    private const ulong Block = 800;
    private const long Offset = (long)Block * 512;
    private const ushort Sectors = 8;
    private const int Length = Sectors * 512;
    private const int LoggedAt = 1024;

    private static readonly LogSequenceNumber Lsn = CraftedItem.Lsn;
    private static readonly LogSequenceNumber Older = new(cycle: 5, block: 99);
    private static readonly LogSequenceNumber Newer = new(cycle: 5, block: 101);
    private static readonly byte[] Logged = [.. Enumerable.Repeat((byte)0xee, 128)];

    private readonly Geometry _geometry = GeometryOf("default");
    private readonly byte[] _device = new byte[1 << 20];
    private readonly CancelTable _cancels = new();
    private readonly RecoveryCounts _counts = new();

    [Theory]
    [InlineData(4, 1000, true)]
    [InlineData(5, 99, true)]
    [InlineData(5, 100, false)] // as new as the item: a buffer is skipped, an inode would not be
    [InlineData(6, 0, false)]
    [InlineData(0, 0, true)] // never written back
    [InlineData(uint.MaxValue, uint.MaxValue, true)]
    public void A_buffer_is_replayed_over_an_older_one(uint cycle, uint block, bool isReplayed)
    {
        PutBtree(new(cycle, block), _geometry.MetadataUuid);
        byte[] after = Replay(Btree(), out BlockFault fault);
        Assert.True(fault.IsNone, $"{fault}");
        Assert.Equal(isReplayed, after[LoggedAt] == 0xee);
        Assert.Equal(isReplayed ? 1 : 0, _counts.BuffersRecovered);
        Assert.Equal(isReplayed ? 0 : 1, _counts.BuffersSkipped);
        Assert.True(Crc32c.Verify(after, BtreeBlock.ShortCrcAt));
        ulong stamped = ((ReadOnlySpan<byte>)after).U64(BtreeBlock.ShortLsnAt);
        Assert.Equal(isReplayed ? Lsn.Value : new LogSequenceNumber(cycle, block).Value, stamped);
    }

    [Fact]
    public void A_block_of_another_filesystem_tells_nothing()
    {
        PutBtree(Newer, Guid.NewGuid());
        Assert.Equal(0xee, Replay(Btree(), out _)[LoggedAt]);
    }

    /// <summary>L12: what kind of block lies there is not what the item says.</summary>
    [Fact]
    public void The_guard_reads_by_the_magic_in_the_block()
    {
        PutBtree(Newer, _geometry.MetadataUuid);
        byte[][] directory = CraftedItem.Buffer(Block, Sectors, BufferType.DirectoryData, 0, (8, Logged));
        Assert.Equal(0, Replay(directory, out BlockFault fault)[LoggedAt]);
        Assert.True(fault.IsNone);
        BinaryPrimitives.WriteUInt32BigEndian(Device(), Magic.AttributeRemoteV5);
        Assert.Equal(0xee, Replay(directory, out _)[LoggedAt]);
        BinaryPrimitives.WriteUInt32BigEndian(Device(), 0x12345678);
        Assert.Equal(0xee, Replay(directory, out _)[LoggedAt]);
    }

    /// <summary>L13.</summary>
    [Fact]
    public void A_newer_block_that_is_damaged_stops_recovery()
    {
        PutBtree(Newer, _geometry.MetadataUuid);
        _device[Offset + Length - 1] ^= 1;
        _ = Replay(Btree(), out BlockFault fault);
        Assert.Equal("crc", fault.Field);
    }

    /// <summary>L11: the second of two checkpoints of one record is replayed like the first.</summary>
    [Fact]
    public void Checkpoints_of_one_record_do_not_stand_in_each_others_way()
    {
        PutBtree(Older, _geometry.MetadataUuid);
        byte[][] second = CraftedItem.Buffer(Block, Sectors, BufferType.Btree, 0, (9, Logged));
        byte[] after = Replay([Btree(), second], [Lsn, Lsn]);
        Assert.Equal((0xee, 0xee), (after[LoggedAt], after[LoggedAt + 128]));
        // But an older number that comes after a newer one changes nothing.
        byte[][] third = CraftedItem.Buffer(Block, Sectors, BufferType.Btree, 0, (10, Logged));
        after = Replay([Btree(), second, third], [Lsn, Newer, Lsn]);
        Assert.Equal((0xee, 0xee, 0), (after[LoggedAt], after[LoggedAt + 128], after[LoggedAt + 256]));
        Assert.True(Crc32c.Verify(after, BtreeBlock.ShortCrcAt));
        Assert.Equal(Newer.Value, ((ReadOnlySpan<byte>)after).U64(BtreeBlock.ShortLsnAt));
    }

    /// <summary>L15: as often as it was cancelled, and no other length of it.</summary>
    [Fact]
    public void Cancellations_are_counted()
    {
        PutBtree(Older, _geometry.MetadataUuid);
        byte[][] cancel = CraftedItem.Buffer(Block, Sectors, BufferType.Btree, 2);
        Assert.True(_cancels.Add(Block, Sectors));
        Assert.False(_cancels.Add(Block, Sectors));
        byte[] after = Replay([Btree(), cancel, Btree(), cancel], [Lsn, Lsn, Lsn, Lsn]);
        Assert.Equal(0, after[LoggedAt]);
        Assert.Equal(4, _counts.BuffersCancelled);
        Assert.Equal(0, _cancels.Count);
        Assert.Equal(0xee, Replay(Btree(), out _)[LoggedAt]);
        Assert.True(_cancels.Add(Block, Sectors * 2));
        Assert.Equal(0xee, Replay(Btree(), out _)[LoggedAt]);
    }

    /// <summary>L14.</summary>
    [Fact]
    public void Of_an_inode_buffer_only_the_links_are_replayed()
    {
        for (int at = 0; at < Length; at += _geometry.InodeSize) PutInode(at);
        byte[] chunk = [.. Enumerable.Repeat((byte)0xee, 128)];
        byte[][] links = CraftedItem.Buffer(Block, Sectors, BufferType.Inodes, 1, (4, chunk));
        byte[] after = Replay(links, out BlockFault fault);
        Assert.True(fault.IsNone, $"{fault}");
        Span<byte> changed = after.AsSpan(512, _geometry.InodeSize);
        Assert.Equal(0xeeeeeeee, ((ReadOnlySpan<byte>)changed).U32(Inode.NextUnlinkedAt));
        Assert.True(Crc32c.Verify(changed, Inode.CrcAt));
        BinaryPrimitives.WriteUInt32BigEndian(changed[Inode.NextUnlinkedAt..], uint.MaxValue);
        Crc32c.Write(changed, Inode.CrcAt);
        Assert.Equal(_device[(int)Offset..(int)(Offset + Length)], after);

        chunk = new byte[128];
        _ = Replay(CraftedItem.Buffer(Block, Sectors, BufferType.Inodes, 1, (4, chunk)), out fault);
        Assert.Equal("di_next_unlinked", fault.Field);
    }

    [Fact]
    public void A_buffer_past_the_filesystem_stops_recovery_and_one_past_the_image_is_an_obstacle()
    {
        ulong end = (ulong)_geometry.DataLength / 512;
        foreach (ulong block in new[] { end, end + 8, (ulong)long.MaxValue / 512 - 1000 })
        {
            _ = Replay(CraftedItem.Buffer(block, Sectors, BufferType.Btree, 0, (0, Logged)), out BlockFault fault);
            Assert.Equal("blf_blkno", fault.Field);
        }

        ulong pastImage = (ulong)_device.Length / 512;
        byte[] all = new byte[512];
        byte[][] item = CraftedItem.Buffer(pastImage, Sectors, BufferType.Btree, 0, (0, all));
        Assert.True(Run([item], [Lsn], out RecoveryBuffers buffers, out _).IsNone);
        Assert.Equal((long)pastImage * 512, Assert.Single(buffers.Obstacles).Offset);
    }

    /// <summary>What cannot be read becomes readable where the log has whole sectors of it.</summary>
    [Fact]
    public void Whole_logged_sectors_stand_in_for_lost_ones()
    {
        PutBtree(Older, _geometry.MetadataUuid);
        byte[] whole = [.. Enumerable.Repeat((byte)0xdd, 512)];
        byte[][] item = CraftedItem.Buffer(Block, Sectors, BufferType.Btree, 0, (8, whole), (12, Logged), (20, Logged));
        var lost = new LostSectors(_device, Offset + 1024, 1024);
        var overlay = new OverlayBlockSource(lost);
        Assert.True(Run([item], [Lsn], overlay, out RecoveryBuffers buffers).IsNone);
        Assert.Equal(Offset, Assert.Single(buffers.Obstacles).Offset);
        byte[] sector = new byte[512];
        Assert.True(overlay.Read(Offset + 1024, sector).IsNone);
        Assert.Equal(whole, sector);
        Assert.False(overlay.Read(Offset + 1536, sector).IsNone);
        Assert.True(overlay.Read(Offset + 2560, sector).IsNone);
        Assert.Equal(Logged, sector[..128]);
    }

    private static byte[][] Btree() => CraftedItem.Buffer(Block, Sectors, BufferType.Btree, 0, (8, Logged));

    private Span<byte> Device() => _device.AsSpan((int)Offset, Length);

    private void PutBtree(LogSequenceNumber lsn, Guid uuid)
    {
        Span<byte> block = Device();
        BinaryPrimitives.WriteUInt32BigEndian(block, Magic.BnobtV5);
        BinaryPrimitives.WriteUInt64BigEndian(block[BtreeBlock.ShortLsnAt..], lsn.Value);
        uuid.TryWriteBytes(block[BtreeBlock.ShortUuidAt..], bigEndian: true, out _);
        Crc32c.Write(block, BtreeBlock.ShortCrcAt);
    }

    private void PutInode(int at)
    {
        Span<byte> inode = Device().Slice(at, _geometry.InodeSize);
        BinaryPrimitives.WriteUInt16BigEndian(inode, Magic.Inode);
        inode[Inode.VersionAt] = 3;
        BinaryPrimitives.WriteUInt32BigEndian(inode[Inode.NextUnlinkedAt..], uint.MaxValue);
        Crc32c.Write(inode, Inode.CrcAt);
    }

    private byte[] Replay(byte[][] item, out BlockFault fault)
    {
        fault = Run([item], [Lsn], out _, out byte[] after);
        return after;
    }

    private byte[] Replay(byte[][][] items, LogSequenceNumber[] lsns)
    {
        Assert.True(Run(items, lsns, out _, out byte[] after).IsNone);
        return after;
    }

    private BlockFault Run(byte[][][] items, LogSequenceNumber[] lsns, out RecoveryBuffers buffers, out byte[] after)
    {
        var overlay = new OverlayBlockSource(new MemoryBlockSource("data", _device));
        BlockFault fault = Run(items, lsns, overlay, out buffers);
        after = new byte[Length];
        Assert.True(overlay.Read(Offset, after).IsNone);
        return fault;
    }

    /// <summary>Each item in a transaction of its own.</summary>
    private BlockFault Run(
        byte[][][] items, LogSequenceNumber[] lsns, OverlayBlockSource overlay, out RecoveryBuffers buffers)
    {
        buffers = new(overlay, hasCrc: true);
        var pass = new SecondPass(_geometry, buffers, _cancels, DquotType.None, _counts, observer: null);
        bool goesOn = true;
        for (int i = 0; i < items.Length && goesOn; i++)
        {
            goesOn = pass.Transaction(CraftedItem.Transaction(lsns[i], items[i]));
        }

        pass.Finish();
        return pass.Fault;
    }

    private static Geometry GeometryOf(string name)
    {
        using DeviceBlockSource data = DeviceBlockSource.Open(OracleImage.Crashed(name).Images.Data);
        byte[] sector = new byte[4096];
        Assert.True(data.Read(0, sector).IsNone);
        Assert.True(Superblock.TryOpen(sector, out Superblock superblock).IsNone);
        return Geometry.Of(in superblock);
    }
}
