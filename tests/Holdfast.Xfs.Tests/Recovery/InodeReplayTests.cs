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
using Holdfast.Xfs.Recovery.Transactions;
using Holdfast.Xfs.Volume;
using static Holdfast.Xfs.Tests.Recovery.IntentRegions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: a logged inode goes over the one on disk only where it is newer, and never where it is no inode (L10, L16).
/// Method: a buffer of inodes on a device in memory, and one item of our own.
/// </summary>
public sealed class InodeReplayTests
{
    private const ulong Block = 800;
    private const int Offset = (int)Block * 512;
    private const int BufferLength = 16384;
    private const ushort RegularFile = 0x81a4;
    private const int FlushCountAt = Inode.BigExtentsAt + 6;

    private static readonly LogSequenceNumber Lsn = CraftedItem.Lsn;

    [Theory]
    [InlineData(5, 99, true)]
    [InlineData(5, 100, true)] // unlike a buffer: several checkpoints have one number
    [InlineData(5, 101, false)]
    [InlineData(6, 0, false)]
    [InlineData(0, 0, true)]
    [InlineData(uint.MaxValue, uint.MaxValue, true)]
    public void An_inode_is_replayed_unless_the_one_on_disk_is_newer(uint cycle, uint block, bool isReplayed)
    {
        var disk = new Disk("default");
        disk.PutInodes(3, new(cycle, block));
        byte[] after = disk.Replay(disk.Item(Core(3)), out BlockFault fault);
        Assert.True(fault.IsNone, $"{fault}");
        Assert.Equal(isReplayed ? RegularFile : 0, ((ReadOnlySpan<byte>)after).U16(Inode.ModeAt));
        Assert.Equal(isReplayed ? 1 : 0, disk.Counts.InodesRecovered);
        Assert.Equal(isReplayed ? 0 : 1, disk.Counts.InodesSkipped);
        Assert.True(Crc32c.Verify(after, Inode.CrcAt));
        // The number in the logged core is garbage.
        ulong wanted = isReplayed ? Lsn.Value : new LogSequenceNumber(cycle, block).Value;
        Assert.Equal(wanted, ((ReadOnlySpan<byte>)after).U64(Inode.LsnAt));
    }

    [Theory]
    [InlineData(4, 5, true)]
    [InlineData(5, 5, true)]
    [InlineData(6, 5, false)]
    [InlineData(0xffff, 5, true)] // the count has gone round
    [InlineData(0xffff, 0x7fff, false)]
    [InlineData(0xfffe, 5, false)]
    public void On_V4_the_count_of_flushes_tells(ushort onDisk, ushort logged, bool isReplayed)
    {
        var disk = new Disk("v4");
        disk.PutInodes(2, default);
        BinaryPrimitives.WriteUInt16BigEndian(disk.Bytes.AsSpan(Offset + FlushCountAt), onDisk);
        byte[] core = Core(2);
        BinaryPrimitives.WriteUInt16LittleEndian(core.AsSpan(FlushCountAt), logged);
        byte[] after = disk.Replay(disk.Item(core), out BlockFault fault);
        Assert.True(fault.IsNone, $"{fault}");
        Assert.Equal(isReplayed ? RegularFile : 0, ((ReadOnlySpan<byte>)after).U16(Inode.ModeAt));
        Assert.Equal(isReplayed ? 0 : onDisk, ((ReadOnlySpan<byte>)after).U16(FlushCountAt));
    }

    [Theory]
    [InlineData("di_version", Inode.VersionAt, 2)]
    [InlineData("di_magic", Inode.MagicAt, 0)]
    [InlineData("di_forkoff", Inode.ForkOffsetAt, 200)]
    [InlineData("di_format", Inode.FormatAt, 1)]
    [InlineData("di_nextents", Inode.BigExtentsAt, 200)]
    [InlineData("di_nrext64_pad", Inode.AttributeExtentsAt, 1)]
    public void A_core_that_makes_no_inode_stops_recovery(string field, int at, byte value)
    {
        var disk = new Disk("default");
        disk.PutInodes(3, default);
        byte[] core = Core(3);
        core[at] = value;
        _ = disk.Replay(disk.Item(core), out BlockFault fault);
        Assert.Equal(field, fault.Field);
    }

    /// <summary>V4 cores are shorter: a version that says otherwise is not believed.</summary>
    [Fact]
    public void A_core_of_another_version_is_refused()
    {
        var disk = new Disk("v4");
        disk.PutInodes(2, default);
        byte[] core = Core(2);
        core[Inode.VersionAt] = 3;
        _ = disk.Replay(disk.Item(core), out BlockFault fault);
        Assert.Equal("di_version", fault.Field);
        _ = disk.Replay(disk.Item(Core(3)), out fault);
        Assert.Equal("ilf core", fault.Field);
    }

    [Fact]
    public void A_buffer_with_anything_but_inodes_stops_recovery()
    {
        var disk = new Disk("default");
        disk.PutInodes(3, default);
        disk.Bytes[Offset + BufferLength - 512] = 0;
        _ = disk.Replay(disk.Item(Core(3)), out BlockFault fault);
        Assert.Equal("di_magic", fault.Field);
    }

    [Fact]
    public void A_cancelled_buffer_takes_its_inodes_with_it()
    {
        var disk = new Disk("default");
        disk.PutInodes(3, default);
        disk.Cancels.Add(Block, BufferLength / 512);
        byte[] after = disk.Replay(disk.Item(Core(3)), out _);
        Assert.Equal(0, ((ReadOnlySpan<byte>)after).U16(Inode.ModeAt));
        Assert.Equal(1, disk.Counts.InodesCancelled);
    }

    /// <summary>Whatever a region's bytes are, replay ends, and with a value.</summary>
    [Theory]
    [InlineData("default")]
    [InlineData("v4")]
    public void Nothing_in_an_item_throws(string image)
    {
        var random = new Random(20260);
        byte version = (byte)(image == "v4" ? 2 : 3);
        int replayed = 0;
        for (int round = 0; round < 4000; round++)
        {
            var disk = new Disk(image);
            disk.PutInodes(version, default);
            byte[][] item = disk.Item(Core(version), fork: new byte[random.Next(2, 60) * 4], parts: random.Next(0x800));
            for (int change = random.Next(3); change > 0; change--)
            {
                byte[] region = item[random.Next(item.Length)];
                region[random.Next(sizeof(uint), region.Length)] = (byte)random.Next(256);
            }

            _ = disk.Replay(item, out BlockFault fault);
            if (fault.IsNone) replayed++;
        }

        Assert.InRange(replayed, 1, 3999);
    }

    private static byte[] Core(byte version)
    {
        byte[] core = new byte[version == 3 ? Inode.CoreSizeV3 : Inode.NextUnlinkedAt];
        BinaryPrimitives.WriteUInt16LittleEndian(core, Magic.Inode);
        BinaryPrimitives.WriteUInt16LittleEndian(core.AsSpan(Inode.ModeAt), RegularFile);
        core[Inode.VersionAt] = version;
        core[Inode.FormatAt] = (byte)ForkFormat.Extents;
        core[Inode.AttributeFormatAt] = (byte)ForkFormat.Extents;
        BinaryPrimitives.WriteUInt64LittleEndian(core.AsSpan(Inode.BlocksAt), 9);
        if (version < 3) return core;
        BinaryPrimitives.WriteUInt64LittleEndian(core.AsSpan(Inode.Flags2At), Inode.Flag2LargeExtentCounts);
        core.AsSpan(Inode.LsnAt, sizeof(ulong)).Fill(0x77);
        return core;
    }

    /// <summary>A device in memory with one buffer of free inodes.</summary>
    private sealed class Disk(string image)
    {
        private readonly Geometry _geometry = GeometryOf(image);

        internal byte[] Bytes { get; } = new byte[1 << 19];

        internal CancelTable Cancels { get; } = new();

        internal RecoveryCounts Counts { get; } = new();

        private ulong Number => _geometry.InodeOf(0, (uint)(Offset / _geometry.InodeSize)).Value;

        internal void PutInodes(byte version, LogSequenceNumber lsn)
        {
            for (int slot = 0; slot < BufferLength / _geometry.InodeSize; slot++)
            {
                Span<byte> inode = Bytes.AsSpan(Offset + slot * _geometry.InodeSize, _geometry.InodeSize);
                BinaryPrimitives.WriteUInt16BigEndian(inode, Magic.Inode);
                inode[Inode.VersionAt] = version;
                if (version < 3) continue;
                BinaryPrimitives.WriteUInt64BigEndian(inode[Inode.NumberAt..], Number + (ulong)slot);
                _geometry.MetadataUuid.TryWriteBytes(inode[Inode.UuidAt..], bigEndian: true, out _);
                BinaryPrimitives.WriteUInt64BigEndian(inode[Inode.LsnAt..], lsn.Value);
                Crc32c.Write(inode, Inode.CrcAt);
            }
        }

        internal byte[][] Item(byte[] core, byte[]? fork = null, int parts = (int)InodeParts.Core)
        {
            if (core.Length == Inode.CoreSizeV3)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(core.AsSpan(Inode.NumberAt), Number);
                _geometry.MetadataUuid.TryWriteBytes(core.AsSpan(Inode.UuidAt), bigEndian: true, out _);
            }

            byte[] format =
            [
                .. Host((ushort)LogItemType.Inode), .. Host((ushort)(fork is null ? 2 : 3)), .. Host((uint)parts),
                .. Host(0u), .. Host(0u), .. Host(Number), .. new byte[16], .. Host(Block),
                .. Host((uint)BufferLength / 512), .. Host(0u),
            ];
            return fork is null ? [format, core] : [format, core, fork];
        }

        internal byte[] Replay(byte[][] item, out BlockFault fault)
        {
            var overlay = new OverlayBlockSource(new MemoryBlockSource("data", Bytes));
            var buffers = new RecoveryBuffers(overlay, _geometry.Features.IsV5);
            var pass = new SecondPass(_geometry, buffers, Cancels, DquotType.None, Counts, observer: null);
            pass.Transaction(CraftedItem.Transaction(item));
            pass.Finish();
            fault = pass.Fault;
            byte[] after = new byte[_geometry.InodeSize];
            Assert.True(overlay.Read(Offset, after).IsNone);
            return after;
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
}
