// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Impacts;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Transactions;
using Holdfast.Xfs.ReverseMap;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: a reverse map that leads in a circle until the log is recovered is mended by recovery, and without recovery is
/// walked to an end and said to be incomplete. Method: in a crashed filesystem, a node of an rmapbt is made to point at
/// itself, in bytes that the log holds anew, under a right checksum and an old sequence number.
/// </summary>
public sealed class RmapbtCycleTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("bs1k")]
    [InlineData("noparent")]
    public void A_circle_that_the_log_covers(string name)
    {
        string path = OracleImage.Crashed(name).Images.Data;
        using DeviceBlockSource image = DeviceBlockSource.Open(path);
        StructuresReady sound = Ready(image);
        var logged = new LoggedBlocks();
        LogReplay.Run(image, sound.LogSource!, sound.LogPlace, sound.Log, sound.Geometry, logged);
        List<MapRow> wanted = Rows(Recover(sound), out bool isWhole);
        Assert.True(isWhole);

        using var turned = new OverlayBlockSource(image);
        long node = PutCircle(turned, sound, logged);
        StructuresReady ready = Ready(turned);
        Assert.Equal(wanted, Rows(Recover(ready), out isWhole));
        Assert.True(isWhole);

        RecoveredVolume degraded = ready.WithoutRecovery();
        Assert.False(degraded.IsComplete);
        Rows(degraded, out isWhole);
        Assert.Contains(degraded.Volume.Faults.ToList(), f => f.Offset == node || f.Structure.Contains("rmapbt"));
        var all = ByteRangeSet.From([new ByteRange(0, ready.Geometry.DataLength)]);
        LocateAnswer answer = new Locator(ready.WithoutRecovery().Volume).Locate(all);
        Assert.False(answer.IsComplete && degraded.IsComplete);
    }

    private static StructuresReady Ready(IBlockSource source) =>
        new ClaimedDevices(source).ReadSuperblock(out _)!.PrepareStructures();

    private static RecoveredVolume Recover(StructuresReady ready) =>
        ready.Recover(RecoveryDepth.Mounted, out Fault? why) ?? throw new InvalidOperationException($"{why}");

    private static List<MapRow> Rows(RecoveredVolume recovered, out bool isWhole)
    {
        var rows = new List<MapRow>();
        isWhole = new ReverseMap.ReverseMap(recovered.Volume).ForEachRow(rows.Add);
        isWhole &= !recovered.Volume.Faults.HasOpenFaults;
        return rows;
    }

    /// <returns>Byte offset of the node that now points at itself.</returns>
    private static long PutCircle(OverlayBlockSource source, StructuresReady ready, LoggedBlocks logged)
    {
        Geometry geometry = ready.Geometry;
        byte[] block = new byte[geometry.BlockSize];
        foreach ((long offset, HashSet<int> chunks) in logged.Chunks)
        {
            Assert.True(source.Read(offset, block).IsNone);
            ReadOnlySpan<byte> bytes = block;
            if (bytes.U32(BtreeBlock.MagicAt) != Magic.Rmapbt || bytes.U16(BtreeBlock.LevelAt) == 0) continue;
            int header = BtreeBlock.HeaderSize(BtreeFormat.Rmapbt, hasCrc: true);
            int room = BtreeBlock.ChildrenMax(block.Length - header, BtreeFormat.Rmapbt);
            for (int child = 0; child < bytes.U16(BtreeBlock.CountAt); child++)
            {
                int at = header + room * BtreeFormat.Rmapbt.KeyStride + child * sizeof(uint);
                if (!chunks.Contains(at / BufferItem.ChunkSize)) continue;
                (_, AgBlock self) = geometry.BlockAt(offset);
                BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(at), self.Value);
                BinaryPrimitives.WriteUInt64BigEndian(block.AsSpan(BtreeBlock.ShortLsnAt), 1ul << 32);
                Crc32c.Write(block, BtreeBlock.ShortCrcAt);
                source.Write(offset, block);
                return offset;
            }
        }

        throw new InvalidOperationException("The log has no pointer of an rmapbt node.");
    }

    /// <summary>Which chunks of which btree blocks the log holds.</summary>
    private sealed class LoggedBlocks : IRecoveryObserver
    {
        public Dictionary<long, HashSet<int>> Chunks { get; } = [];

        public void Buffer(BufferVerdict verdict, in BufferItem buffer)
        {
            if (verdict != BufferVerdict.Recovered || buffer.Type != BufferType.Btree) return;
            if (!Chunks.TryGetValue(buffer.Offset, out HashSet<int>? chunks)) Chunks[buffer.Offset] = chunks = [];
            buffer.ForEachRun(chunks, static (known, at, bytes) =>
            {
                int count = bytes.Length / BufferItem.ChunkSize;
                for (int i = 0; i < count; i++) known.Add(at / BufferItem.ChunkSize + i);
            });
        }

        public void Item(int pass, LogTransaction transaction, LogItem item)
        {
        }

        public void Reordered(int pass, LogTransaction transaction, LogItem item, bool toHead)
        {
        }

        public void Inode(InodeVerdict verdict, in InodeItem inode)
        {
        }

        public void InodeCreate(InodeVerdict verdict, in InodeCreateItem create)
        {
        }
    }
}
