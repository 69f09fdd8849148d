// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>One group's AGFL: blocks are taken from its front and put to its end. The AGF knows both.</summary>
internal sealed class FreeListRing(VolumeEditor editor, GroupHeader header)
{
    private readonly long _offset = AgHeaderReader.ByteOfSector(
        editor.Geometry, header.Ag, AgHeaderReader.FreeListSector);

    public uint Count => header[AgFreeHeader.FreeListCountAt];

    private uint Slots => AgFreeList.SlotsIn(editor.Geometry.SectorSize, editor.Features.IsV5);

    /// <summary>Takes the first block; null where the list is empty.</summary>
    public AgBlock? Take()
    {
        uint count = Count;
        if (count == 0) return null;
        uint first = header[AgFreeHeader.FreeListFirstAt];
        var block = new AgBlock(Open().Bytes.U32(SlotAt(first)));
        // Headers and roots come first in a group: they are on no list.
        if (block.Value == 0 || block.Value >= header.Blocks)
        {
            Fail(BlockFault.OutOfBounds($"agfl_bno[{first}]", block.Value, header.Blocks - 1));
        }

        header[AgFreeHeader.FreeListFirstAt] = first + 1 == Slots ? 0 : first + 1;
        header[AgFreeHeader.FreeListCountAt] = count - 1;
        return block;
    }

    /// <summary>Puts a block to the end.</summary>
    public void Put(AgBlock block)
    {
        uint count = Count;
        if (count >= Slots) Fail(BlockFault.OutOfBounds("agf_flcount", count + 1, Slots));
        uint last = header[AgFreeHeader.FreeListLastAt];
        last = last + 1 == Slots ? 0 : last + 1;
        header[AgFreeHeader.FreeListLastAt] = last;
        header[AgFreeHeader.FreeListCountAt] = count + 1;
        BinaryPrimitives.WriteUInt32BigEndian(Open().Edit()[SlotAt(last)..], block.Value);
    }

    /// <summary>
    /// Ends and count that contradict each other come from kernels that padded the list otherwise: the list is then
    /// emptied, and what was on it is lost to the group, as in the kernel.
    /// </summary>
    public void ResetIfUnsound()
    {
        uint first = header[AgFreeHeader.FreeListFirstAt];
        uint last = header[AgFreeHeader.FreeListLastAt];
        uint count = header[AgFreeHeader.FreeListCountAt];
        uint active = count == 0 ? 0 : last >= first ? last - first + 1 : Slots - first + last + 1;
        if (active == count) return;
        header[AgFreeHeader.FreeListFirstAt] = 0;
        header[AgFreeHeader.FreeListLastAt] = Slots - 1;
        header[AgFreeHeader.FreeListCountAt] = 0;
    }

    private int SlotAt(uint slot) =>
        (editor.Features.IsV5 ? AgFreeList.HeaderSize : 0) + (int)slot * sizeof(uint);

    private EditBuffer Open()
    {
        EditBuffer sector = editor.Buffer(
            _offset, editor.Geometry.SectorSize, AgFreeList.CrcAt, $"AGFL of group {header.Ag}");
        if (sector.IsVerified) return sector;
        BlockIdentity identity = new(
            editor.Features.IsV5, new((ulong)_offset / DiskAddress.Size), header.Ag, editor.Geometry.MetadataUuid);
        BlockFault fault = AgFreeList.TryOpen(sector.Bytes, in identity, out _);
        if (!fault.IsNone) Fail(fault);
        sector.IsVerified = true;
        return sector;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void Fail(BlockFault fault) =>
        RecoveryFailure.Throw(fault, _offset, editor.Geometry.SectorSize, $"AGFL of group {header.Ag}");
}
