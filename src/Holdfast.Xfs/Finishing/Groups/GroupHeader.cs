// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>One group's AGF for changing, and the places of the btrees that are rooted in it.</summary>
internal sealed class GroupHeader : IBlockGroup
{
    private readonly VolumeEditor _editor;
    private readonly long _offset;
    private GroupReserve? _reserve;

    public GroupHeader(VolumeEditor editor, uint ag)
    {
        _editor = editor;
        Ag = ag;
        _offset = AgHeaderReader.ByteOfSector(editor.Geometry, ag, AgHeaderReader.FreeSector);
        FreeList = new(editor, this);
        Busy = new(editor);
        Bnobt = new(this, AgFreeHeader.BnoRootAt, AgFreeHeader.BnoLevelAt);
        Cntbt = new(this, AgFreeHeader.CntRootAt, AgFreeHeader.CntLevelAt);
        Rmapbt = new(this, AgFreeHeader.RmapRootAt, AgFreeHeader.RmapLevelAt, AgFreeHeader.RmapBlocksAt)
        {
            Reservation = BlockReservation.Rmapbt,
        };
    }

    public uint Ag { get; }

    public uint Blocks => _editor.Geometry.BlocksIn(Ag);

    public FreeListRing FreeList { get; }

    public FreeListTreePlace Bnobt { get; }

    public FreeListTreePlace Cntbt { get; }

    public FreeListTreePlace Rmapbt { get; }

    /// <summary>Blocks freed since the log was last forced: the kernel does not give them out again until
    /// then.</summary>
    public BusyExtents Busy { get; }

    /// <summary>Free blocks that are set aside.</summary>
    public GroupReserve Reserve => _reserve ??= GroupReserve.Of(_editor, this);

    public uint FreeBlocks => this[AgFreeHeader.FreeBlocksAt];

    public uint Longest
    {
        get => this[AgFreeHeader.LongestAt];
        set => this[AgFreeHeader.LongestAt] = value;
    }

    /// <summary>A field of the AGF by its byte position.</summary>
    public uint this[int at]
    {
        get => Open().Bytes.U32(at);
        set => BinaryPrimitives.WriteUInt32BigEndian(Open().Edit()[at..], value);
    }

    public void AddFreeBlocks(long change)
    {
        long blocks = FreeBlocks + change;
        if (blocks < 0 || blocks > Blocks)
        {
            Fail(BlockFault.OutOfBounds("agf_freeblks", unchecked((ulong)blocks), Blocks));
        }

        this[AgFreeHeader.FreeBlocksAt] = (uint)blocks;
    }

    /// <summary>The counter is for people and repair only; it may not have been kept well.</summary>
    public void Add(int at, int change) => this[at] = unchecked(this[at] + (uint)change);

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public void Fail(BlockFault fault) =>
        RecoveryFailure.Throw(fault, _offset, _editor.Geometry.SectorSize, $"AGF of group {Ag}");

    private EditBuffer Open()
    {
        EditBuffer sector = _editor.Buffer(
            _offset, _editor.Geometry.SectorSize, AgFreeHeader.CrcAt, $"AGF of group {Ag}");
        if (sector.IsVerified) return sector;
        BlockIdentity identity = new(
            _editor.Features.IsV5, new((ulong)_offset / DiskAddress.Size), Ag, _editor.Geometry.MetadataUuid);
        BlockFault fault = AgFreeHeader.TryOpen(sector.Bytes, in identity, Blocks, _editor.Features, out _);
        if (!fault.IsNone) Fail(fault);
        sector.IsVerified = true;
        FreeList.ResetIfUnsound();
        return sector;
    }
}
