// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// The AGFL: a ring of blocks kept for the free-space and reverse-mapping btrees. V4 has no header. One sector in size.
/// Source of the format: xfs_format.h (struct xfs_agfl).
/// </summary>
public readonly ref struct AgFreeList
{
    private const int MagicAt = 0;
    private const int SequenceAt = MagicAt + sizeof(uint);
    internal const int UuidAt = SequenceAt + sizeof(uint);
    internal const int LsnAt = UuidAt + 16;
    internal const int CrcAt = LsnAt + sizeof(ulong);
    internal const int HeaderSize = CrcAt + sizeof(uint);

    private readonly ReadOnlySpan<byte> _slots;

    private AgFreeList(ReadOnlySpan<byte> slots) => _slots = slots;

    public int Slots => _slots.Length / sizeof(uint);

    public AgBlock this[int slot] => new(_slots.U32(slot * sizeof(uint)));

    public static uint SlotsIn(int sectorSize, bool hasCrc) =>
        (uint)((sectorSize - (hasCrc ? HeaderSize : 0)) / sizeof(uint));

    public static BlockFault TryOpen(ReadOnlySpan<byte> sector, scoped in BlockIdentity identity, out AgFreeList list)
    {
        list = default;
        if (!identity.HasCrc)
        {
            list = new AgFreeList(sector);
            return BlockFault.None;
        }

        if (sector.U32(MagicAt) != Magic.AgFreeList)
        {
            return BlockFault.WrongHex("agfl_magicnum", Magic.AgFreeList, sector.U32(MagicAt));
        }
        if (!Crc32c.Verify(sector, CrcAt))
        {
            return BlockFault.WrongHex("agfl_crc", Crc32c.Compute(sector, CrcAt), Crc32c.Stored(sector, CrcAt));
        }

        if (sector.U32(SequenceAt) != identity.Owner)
        {
            return BlockFault.Wrong("agfl_seqno", identity.Owner ?? 0, sector.U32(SequenceAt));
        }
        if (sector.Uuid(UuidAt) != identity.Uuid)
        {
            return BlockFault.Wrong("agfl_uuid", $"{identity.Uuid}", $"{sector.Uuid(UuidAt)}");
        }
        list = new AgFreeList(sector[HeaderSize..]);
        return BlockFault.None;
    }
}
