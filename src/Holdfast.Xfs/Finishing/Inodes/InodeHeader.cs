// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Inodes;

/// <summary>One group's AGI for changing.</summary>
internal sealed class InodeHeader(VolumeEditor editor, uint ag)
{
    private readonly long _offset = AgHeaderReader.ByteOfSector(editor.Geometry, ag, AgHeaderReader.InodeSector);

    public uint Ag => ag;

    public VolumeEditor Editor => editor;

    /// <summary>A field of the AGI by its byte position.</summary>
    public uint this[int at]
    {
        get => Open().Bytes.U32(at);
        set => BinaryPrimitives.WriteUInt32BigEndian(Open().Edit()[at..], value);
    }

    /// <summary>First inode of an unlinked list, relative to the group.</summary>
    public uint Unlinked(int bucket) => this[AgInodeHeader.UnlinkedAt + bucket * sizeof(uint)];

    public void SetUnlinked(int bucket, uint agInode) =>
        this[AgInodeHeader.UnlinkedAt + bucket * sizeof(uint)] = agInode;

    /// <summary>A count that is kept for repair; it may not have been kept well.</summary>
    public void Add(int at, int change) => this[at] = unchecked(this[at] + (uint)change);

    private EditBuffer Open()
    {
        int size = editor.Geometry.SectorSize;
        EditBuffer sector = editor.Buffer(_offset, size, AgInodeHeader.CrcAt, $"AGI of group {ag}");
        if (sector.IsVerified) return sector;
        BlockIdentity identity = new(
            editor.Features.IsV5, new((ulong)_offset / DiskAddress.Size), ag, editor.Geometry.MetadataUuid);
        uint blocks = editor.Geometry.BlocksIn(ag);
        BlockFault fault = AgInodeHeader.TryOpen(sector.Bytes, in identity, blocks, editor.Features, out _);
        if (!fault.IsNone) RecoveryFailure.Throw(fault, _offset, size, $"AGI of group {ag}");
        sector.IsVerified = true;
        return sector;
    }
}
