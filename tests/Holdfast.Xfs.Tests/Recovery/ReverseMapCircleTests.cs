// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Diagnostics;
using Holdfast.Devices.Sources;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Transactions;
using static Holdfast.Xfs.Tests.Recovery.IntentRegions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: the reason why a reverse map must not be read before the log is recovered: what lies on the device may lead in
/// a circle.
/// Method: the root of an rmapbt points at itself, and its first leaf names itself as the next one; all checksums are
/// right, and the log holds both blocks as they should be.
/// </summary>
public sealed class ReverseMapCircleTests
{
    private const string Arguments = "-b size=1024 -m rmapbt=1 -l size=12m -d agcount=2";
    private const ushort BtreeBuffer = 4 << 11; // XFS_BLFT_BTREE_BUF
    private const int RightSiblingAt = 12; // past magic, level, count and left sibling
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [RootFact(Needs.MountedXfs | Needs.NewerXfsprogs)]
    public void A_circle_that_the_log_covers_is_mended_and_without_recovery_it_is_bounded()
    {
        using var test = new IntentCase(Arguments, tree =>
        {
            using TreeFile file = tree.OpenFile("file", create: true);
            for (int i = 0; i < 900; i++) file.Allocate(Allocation.Preallocate, 2048L * i, 1024);
        });
        AgBlock root = test.RmapbtRoot(ag: 0, out int levels);
        Assert.True(levels > 1, "the tree is a single block");
        byte[] good = test.Block(root);
        BtreeFormat format = BtreeFormat.Rmapbt;
        int body = good.Length - BtreeBlock.HeaderSize(format, hasCrc: true);
        int pointersAt = BtreeBlock.HeaderSize(format, hasCrc: true)
            + BtreeBlock.ChildrenMax(body, format) * format.KeyStride;
        AgBlock child = new(BinaryPrimitives.ReadUInt32BigEndian(good.AsSpan(pointersAt)));
        byte[] goodChild = test.Block(child);

        test.Log.Add([Logged(test, root, good), Logged(test, child, goodChild)]);
        test.Put(root, Changed(good, format, pointersAt + sizeof(uint), root));
        test.Put(child, Changed(goodChild, format, RightSiblingAt, child));
        test.Compare("a circle", intents: 0);
        WithoutRecoveryItIsBounded(test);
    }

    private static void WithoutRecoveryItIsBounded(IntentCase test)
    {
        using DeviceBlockSource data = DeviceBlockSource.Open(test.Images.Data);
        SuperblockRead? superblock = new ClaimedDevices(data).ReadSuperblock(out BlockFault fault);
        Assert.True(superblock is not null, $"{fault}");
        RecoveredVolume degraded = superblock.PrepareStructures().WithoutRecovery();
        var took = Stopwatch.StartNew();
        int rows = 0;
        new ReverseMap.ReverseMap(degraded.Volume).ForEachRow(_ => rows++);
        Assert.True(took.Elapsed < Patience, $"took {took.Elapsed}");
        Assert.True(rows > 0);
        Assert.True(degraded.IsDegraded && !degraded.IsComplete);
        Assert.Contains(degraded.Volume.Faults.ToList(), at => at.Structure.Contains("rmapbt"));
    }

    /// <summary>The item of a buffer that is logged as a whole. Source of the format: xfs_log_format.h (struct
    /// xfs_buf_log_format).</summary>
    private static byte[][] Logged(IntentCase test, AgBlock block, byte[] bytes)
    {
        long sector = test.Geometry.ByteOf(0, block) / DiskAddress.Size;
        uint map = (1u << (bytes.Length / 128)) - 1;
        byte[] form =
        [
            .. Host((ushort)LogItemType.Buffer), .. Host((ushort)2), .. Host(BtreeBuffer),
            .. Host((ushort)(bytes.Length / DiskAddress.Size)), .. Host(sector), .. Host(1u), .. Host(map),
        ];
        return [form, bytes];
    }

    private static byte[] Changed(byte[] block, BtreeFormat format, int at, AgBlock pointer)
    {
        byte[] changed = (byte[])block.Clone();
        BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(at), pointer.Value);
        Crc32c.Write(changed, BtreeBlock.CrcAt(format));
        return changed;
    }
}
