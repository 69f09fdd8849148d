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

    /// <summary>Inode buffers that were seen to hold inodes.</summary>
    private readonly HashSet<ulong> _verified = [];

    private byte[] _inode = [];
    private OwnerChange? _ownerChange;

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
        if (!isWhole && !buffers.Covers(offset, geometry.InodeSize))
        {
            return BlockFault.None;
        }

        BlockFault fault = isWhole && _verified.Add(item.Block) ? VerifyBuffer(in item, geometry) : BlockFault.None;
        if (!fault.IsNone || !buffers.TryRead(offset, _inode)) return fault;
        bool isV3 = geometry.Features.IsV5;
        ReadOnlySpan<byte> inode = _inode;
        fault = CheckInode(inode, isV3);
        if (fault.IsNone) fault = LogInode.Check(item.Core, isV3, geometry.InodeSize);
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

        bool ownerChanges = isV3 && (item.Parts & (InodeParts.DataOwner | InodeParts.AttributeOwner)) != 0;
        if (ownerChanges && inode.U16(Inode.ModeAt) != 0)
        {
            _ownerChange ??= new(buffers);
            _ownerChange.Run(in item, _inode, geometry);
        }

        if (isV3) Crc32c.Write(_inode, Inode.CrcAt);
        buffers.Patch(offset, _inode);
        // A mount looks at what came out of it, and fails where that is no inode.
        return Inode.TryOpen(inode, item.Inode, isV3, geometry.MetadataUuid, out _);
    }

    /// <summary>A mount reads the whole buffer and wants inodes in all of it.</summary>
    private BlockFault VerifyBuffer(in InodeItem item, Geometry geometry)
    {
        long start = (long)(item.Block * DiskAddress.Size);
        for (long at = 0; at + geometry.InodeSize <= item.Sectors * DiskAddress.Size; at += geometry.InodeSize)
        {
            if (!buffers.TryRead(start + at, _inode)) return BlockFault.None;
            BlockFault fault = CheckInode(_inode, geometry.Features.IsV5);
            if (!fault.IsNone) return fault;
        }

        return BlockFault.None;
    }

    private static BlockFault CheckInode(ReadOnlySpan<byte> inode, bool isV3)
    {
        ushort magic = inode.U16(Inode.MagicAt);
        if (magic != Magic.Inode) return BlockFault.WrongHex("di_magic", Magic.Inode, magic);
        byte version = inode[Inode.VersionAt];
        bool isKnown = isV3 ? version == 3 : version is 1 or 2;
        return isKnown ? BlockFault.None : BlockFault.Wrong("di_version", isV3 ? "3" : "1 or 2", $"{version}");
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
        if (fault.IsNone) fault = LogInode.CheckCounts(item.Core, geometry.Features.LargeExtentCounts);
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
            InodeParts.DataRoot => RootFormat(_inode) is { } format
                ? ForkRoots.Put(item.DataFork, data, format, hasCrc)
                : BlockFault.Bad("di_format", $"{_inode[Inode.FormatAt]}, and the root of a btree was logged"),
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

    /// <summary>Which btree the data fork of an inode roots: its own block map, or a realtime group's; null where it
    /// roots none.</summary>
    private static BtreeFormat? RootFormat(ReadOnlySpan<byte> inode) => (ForkFormat)inode[Inode.FormatAt] switch
    {
        ForkFormat.Btree => BtreeFormat.Bmbt,
        ForkFormat.MetadataBtree => inode.U16(Inode.MetadataTypeAt) switch
        {
            MetadataBtreeWalk.TypeRtrmap => BtreeFormat.Rtrmapbt,
            MetadataBtreeWalk.TypeRtrefcount => BtreeFormat.Rtrefcountbt,
            _ => null,
        },
        _ => null,
    };

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
