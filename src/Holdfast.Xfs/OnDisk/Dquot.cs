// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;

namespace Holdfast.Xfs.OnDisk;

/// <summary>Whose use a quota record counts. Source: xfs_format.h (XFS_DQTYPE_*).</summary>
[Flags]
public enum DquotType : byte
{
    None = 0,
    User = 1 << 0,
    Project = 1 << 1,
    Group = 1 << 2,
}

/// <summary>A quota record, as far as a report needs it. Source: xfs_format.h (struct xfs_dqblk).</summary>
/// <param name="Type">One of the three.</param>
/// <param name="Id">User, group or project.</param>
/// <param name="Blocks">Filesystem blocks in use.</param>
/// <param name="Inodes">Inodes in use.</param>
public readonly record struct Dquot(DquotType Type, uint Id, ulong Blocks, ulong Inodes)
{
    private const byte VersionWanted = 1;
    private const byte BigTime = 1 << 7;
    private const DquotType Types = DquotType.User | DquotType.Project | DquotType.Group;

    private const int MagicAt = 0;
    private const int VersionAt = MagicAt + sizeof(ushort);
    internal const int TypeAt = VersionAt + 1;
    private const int IdAt = TypeAt + 1;
    private const int BlockHardLimitAt = IdAt + sizeof(uint);
    private const int BlockSoftLimitAt = BlockHardLimitAt + sizeof(ulong);
    private const int InodeHardLimitAt = BlockSoftLimitAt + sizeof(ulong);
    private const int InodeSoftLimitAt = InodeHardLimitAt + sizeof(ulong);
    private const int BlocksAt = InodeSoftLimitAt + sizeof(ulong);
    private const int InodesAt = BlocksAt + sizeof(ulong);
    private const int InodeTimerAt = InodesAt + sizeof(ulong);
    private const int BlockTimerAt = InodeTimerAt + sizeof(uint);
    private const int InodeWarningsAt = BlockTimerAt + sizeof(uint);
    private const int BlockWarningsAt = InodeWarningsAt + sizeof(ushort);
    private const int RealtimeHardLimitAt = BlockWarningsAt + sizeof(ushort) + sizeof(uint); // padded to eight bytes
    private const int RealtimeSoftLimitAt = RealtimeHardLimitAt + sizeof(ulong);
    private const int RealtimeBlocksAt = RealtimeSoftLimitAt + sizeof(ulong);
    private const int RealtimeTimerAt = RealtimeBlocksAt + sizeof(ulong);
    private const int RealtimeWarningsAt = RealtimeTimerAt + sizeof(uint);
    private const int FillAt = RealtimeWarningsAt + sizeof(ushort) + sizeof(ushort); // padded to eight bytes
    internal const int CrcAt = FillAt + sizeof(uint);
    internal const int LsnAt = CrcAt + Crc32c.Size;
    private const int UuidAt = LsnAt + sizeof(ulong);

    /// <summary>Bytes, in both versions.</summary>
    public const int Size = UuidAt + 16;

    internal static Dquot Read(ReadOnlySpan<byte> record) =>
        new((DquotType)record[TypeAt] & Types, record.U32(IdAt), record.U64(BlocksAt), record.U64(InodesAt));

    internal static BlockFault Check(ReadOnlySpan<byte> record, in BlockIdentity identity, uint id)
    {
        ushort magic = record.U16(MagicAt);
        if (magic != Magic.Dquot) return BlockFault.WrongHex("d_magic", Magic.Dquot, magic);
        if (identity.HasCrc)
        {
            uint computed = Crc32c.Compute(record, CrcAt);
            uint stored = Crc32c.Stored(record, CrcAt);
            if (computed != stored) return BlockFault.WrongHex("dd_crc", computed, stored);
            Guid uuid = record.Uuid(UuidAt);
            if (uuid != identity.Uuid) return BlockFault.Wrong("dd_uuid", $"{identity.Uuid}", $"{uuid}");
        }

        if (record[VersionAt] != VersionWanted) return BlockFault.Wrong("d_version", VersionWanted, record[VersionAt]);
        byte type = record[TypeAt];
        if ((type & ~BigTime) is not ((int)DquotType.User or (int)DquotType.Project or (int)DquotType.Group))
        {
            return BlockFault.Wrong("d_type", "a user, group or project", $"0x{type:x}");
        }

        uint found = record.U32(IdAt);
        return found != id ? BlockFault.Wrong("d_id", id, found) : BlockFault.None;
    }
}
