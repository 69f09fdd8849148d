// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>Replays logged inodes: the core, then the forks that were logged, each over what lies on disk.</summary>
internal sealed class InodeReplay(
    RecoveryBuffers buffers, CancelTable cancels, RecoveryCounts counts, IRecoveryObserver? observer)
{
    private const ushort FlushCountMax = 0xffff;

    private const ushort TypeMask = 0xF000;

    private byte[] _inode = [];

    public BlockFault Replay(in InodeItem item, LogSequenceNumber lsn, Geometry geometry)
    {
        if (cancels.Contains(item.Block, item.Sectors))
        {
            counts.InodesCancelled++;
            observer?.Inode(InodeVerdict.Cancelled, in item);
            return BlockFault.None;
        }

        observer?.Inode(InodeVerdict.Recovered, in item);
        if (_inode.Length != geometry.InodeSize) _inode = new byte[geometry.InodeSize];
        long buffer = (long)(item.Block * DiskAddress.Size);
        long offset = buffer + item.BufferOffset;
        int length = (int)item.Sectors * DiskAddress.Size;
        bool isWhole = buffers.Fetch(buffer, length, "inode buffer");
        // Only a part of the inode was logged: without the rest it stays lost.
        if (!isWhole && !buffers.Overlay.Covers(offset & ~511L, Math.Max(512, geometry.InodeSize)))
        {
            return BlockFault.None;
        }

        if (!buffers.TryRead(offset, _inode)) return BlockFault.None;
        ReadOnlySpan<byte> inode = _inode;
        if (inode.U16(Inode.MagicAt) != Magic.Inode)
        {
            return BlockFault.WrongHex("di_magic", Magic.Inode, inode.U16(Inode.MagicAt));
        }

        bool isV3 = geometry.Features.IsV5;
        BlockFault fault = LogInode.Check(item.Core, isV3, geometry.InodeSize);
        if (!fault.IsNone) return fault;
        if (IsNewer(inode, item.Core, lsn, isV3))
        {
            counts.InodesSkipped++;
            observer?.Inode(InodeVerdict.Skipped, in item);
            if (!isV3) return BlockFault.None;
        }
        else
        {
            fault = Put(in item, lsn, geometry);
            if (!fault.IsNone) return fault;
            counts.InodesRecovered++;
        }

        bool isFree = inode.U16(Inode.ModeAt) == 0;
        if (!isFree) new OwnerChange(buffers, geometry).Run(in item, _inode);
        if (isV3) Crc32c.Write(_inode, Inode.CrcAt);
        buffers.Patch(offset, _inode);
        return BlockFault.None;
    }

    private static bool IsNewer(
        ReadOnlySpan<byte> inode, ReadOnlySpan<byte> core, LogSequenceNumber lsn, bool isV3)
    {
        if (inode[Inode.VersionAt] >= 3)
        {
            ulong found = inode.U64(Inode.LsnAt);
            if (found is not (0 or ulong.MaxValue) && found > lsn.Value) return true;
        }

        if (isV3) return false;
        ushort logged = LogInode.FlushCountOf(core);
        ushort onDisk = LogInode.FlushCountOnDisk(inode);
        bool hasWrapped = onDisk == FlushCountMax && logged < FlushCountMax >> 1;
        return logged < onDisk && !hasWrapped;
    }

    private BlockFault Put(in InodeItem item, LogSequenceNumber lsn, Geometry geometry)
    {
        BlockFault fault = CheckFormat(item.Core);
        if (!fault.IsNone) return fault;
        LogInode.ToDisk(item.Core, _inode, lsn);
        Span<byte> literal = _inode.AsSpan(geometry.Features.IsV5 ? Inode.CoreSizeV3 : Inode.CoreSizeV2);
        int dataSize = _inode[Inode.ForkOffsetAt] == 0 ? literal.Length : _inode[Inode.ForkOffsetAt] * sizeof(ulong);
        Span<byte> data = literal[..dataSize];
        Span<byte> attribute = literal[dataSize..];
        if ((item.Parts & InodeParts.Device) != 0)
        {
            if (data.Length < sizeof(uint)) return BlockFault.Bad("di_forkoff", "leaves no room for a device number");
            BinaryPrimitives.WriteUInt32BigEndian(data, item.Device);
        }

        if (item.Size == 2) return BlockFault.None;
        bool hasCrc = geometry.Features.IsV5;
        fault = (item.Parts & InodeParts.Data) switch
        {
            InodeParts.DataRoot => ForkRoots.Put(item.DataFork, data, RootFormat(_inode), hasCrc),
            InodeParts.DataLocal or InodeParts.DataExtents => Copy(item.DataFork, data, "ilf_dsize"),
            0 => BlockFault.None,
            _ => BlockFault.Bad("ilf_fields", $"0x{(uint)item.Parts:x}"),
        };
        if (!fault.IsNone) return fault;
        return (item.Parts & InodeParts.Attribute) switch
        {
            InodeParts.AttributeRoot => ForkRoots.Put(item.AttributeFork, attribute, BtreeFormat.Bmbt, hasCrc),
            InodeParts.AttributeLocal or InodeParts.AttributeExtents =>
                Copy(item.AttributeFork, attribute, "ilf_asize"),
            0 => BlockFault.None,
            _ => BlockFault.Bad("ilf_fields", $"0x{(uint)item.Parts:x}"),
        };
    }

    /// <summary>Which btree the data fork of an inode roots: its own block map, or a realtime group's.</summary>
    private static BtreeFormat RootFormat(ReadOnlySpan<byte> inode)
    {
        if ((ForkFormat)inode[Inode.FormatAt] != ForkFormat.MetadataBtree) return BtreeFormat.Bmbt;
        return inode.U16(Inode.MetadataTypeAt) == MetadataBtreeWalk.TypeRtrmap
            ? BtreeFormat.Rtrmapbt
            : BtreeFormat.Rtrefcountbt;
    }

    private static BlockFault Copy(ReadOnlySpan<byte> logged, Span<byte> fork, string field)
    {
        if (logged.Length > fork.Length) return BlockFault.OutOfBounds(field, (ulong)logged.Length, (ulong)fork.Length);
        logged.CopyTo(fork);
        return BlockFault.None;
    }

    private static BlockFault CheckFormat(ReadOnlySpan<byte> core)
    {
        ForkFormat format = LogInode.DataFormatOf(core);
        bool isSound = (FileType)(LogInode.ModeOf(core) & TypeMask) switch
        {
            FileType.Regular => format is ForkFormat.Extents or ForkFormat.Btree or ForkFormat.MetadataBtree,
            FileType.Directory => format is ForkFormat.Extents or ForkFormat.Btree or ForkFormat.Local,
            _ => true,
        };
        return isSound ? BlockFault.None : BlockFault.Bad("di_format", $"{(byte)format}");
    }
}
