// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// An md superblock of version 1, viewed in place; all fields little-endian, all places in sectors of 512 bytes. Source
/// of the format: linux/raid/md_p.h (struct mdp_superblock_1).
/// </summary>
internal readonly ref struct MdSuperblock1
{
    internal const uint Magic = 0xA92B4EFC;

    /// <summary>As much as is read of it, whatever it says: all that fits its place on disk.</summary>
    internal const int SizeMax = 4096;

    internal const int HeaderSize = RolesAt;

    private const uint FeatureRecoveryOffset = 2;
    private const uint FeatureReshape = 4;
    private const uint FeatureBadBlocks = 8;
    private const ushort RoleSpare = 0xFFFF;
    private const ushort RoleFaulty = 0xFFFE;
    private const ushort RoleJournal = 0xFFFD;
    private const ushort RoleMax = 0xFF00;

    /// <summary>Offset and length together are still a number of bytes.</summary>
    private const ulong SectorsMax = long.MaxValue / 2048;

    private readonly ReadOnlySpan<byte> _bytes;

    private MdSuperblock1(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    private uint FeatureMap => _bytes.U32(FeatureMapAt);

    private long Size => Sectors(SizeAt);

    private int RoleCount => (int)_bytes.U32(RoleCountAt);

    internal static bool HasMagic(ReadOnlySpan<byte> bytes) => bytes.U32(MagicAt) == Magic;

    /// <summary>
    /// Bytes that the checksum covers, by the count of roles; out of bounds where that makes no sense.
    /// </summary>
    internal static long LengthOf(ReadOnlySpan<byte> header) =>
        RolesAt + ((long)header.U32(RoleCountAt) * sizeof(ushort));

    /// <summary>
    /// Verifies a superblock that was read from byte <paramref name="at"/> of its device. One that lies elsewhere than
    /// it says is the superblock of another device: of the last partition, seen from the whole disk.
    /// </summary>
    internal static FieldFault TryOpen(ReadOnlySpan<byte> bytes, long at, out MdSuperblock1 superblock)
    {
        superblock = default;
        var view = new MdSuperblock1(bytes);
        if (!HasMagic(bytes)) return FieldFault.WrongHex("magic", Magic, bytes.U32(MagicAt));
        if (bytes.U32(MajorVersionAt) != 1) return FieldFault.Wrong("major_version", 1, bytes.U32(MajorVersionAt));
        if (LengthOf(bytes) > bytes.Length)
        {
            return new("max_dev", $"at most {(SizeMax - RolesAt) / sizeof(ushort)}", $"{bytes.U32(RoleCountAt)}");
        }

        uint checksum = ComputeChecksum(bytes[..(int)LengthOf(bytes)]);
        if (checksum != bytes.U32(ChecksumAt))
        {
            return FieldFault.WrongHex("sb_csum", checksum, bytes.U32(ChecksumAt));
        }

        if (bytes.U64(SuperOffsetAt) != (ulong)at / 512)
        {
            return FieldFault.Wrong("super_offset", (ulong)at / 512, bytes.U64(SuperOffsetAt));
        }

        foreach (int field in (ReadOnlySpan<int>)[SizeAt, DataOffsetAt, DataSizeAt, RecoveryOffsetAt])
        {
            // The recovery offset is all ones where nothing is to be recovered.
            if (field == RecoveryOffsetAt && (view.FeatureMap & FeatureRecoveryOffset) == 0) continue;
            if (bytes.U64(field) > SectorsMax) return FieldFault.Bad("size or offset", $"{bytes.U64(field)} sectors");
        }

        superblock = view;
        return FieldFault.None;
    }

    internal MdMember Describe(string version, long at)
    {
        long dataSize = Math.Min(Size, Sectors(DataSizeAt));
        int level = _bytes.S32(LevelAt);
        // Levels that do not fill every member alike leave the size at zero.
        long length = level == MdLevel.Mirror ? dataSize : Sectors(DataSizeAt);
        ushort own = RoleOf((int)Math.Min(_bytes.U32(DeviceNumberAt), int.MaxValue));
        long recovered = (FeatureMap & FeatureRecoveryOffset) != 0 ? Sectors(RecoveryOffsetAt) : length;
        string uuid = Convert.ToHexStringLower(_bytes.Slice(SetUuidAt, SetUuidSize));
        int raidDisks = (int)Math.Min(_bytes.U32(RaidDisksAt), int.MaxValue);
        var data = new ByteRange(Sectors(DataOffsetAt), length);
        return new(version, level, Colons(uuid), ArrayName, raidDisks, new(at, SizeMax), data)
        {
            Role = own switch
            {
                RoleFaulty => MdRole.Faulty,
                RoleJournal => MdRole.Journal,
                >= RoleMax => MdRole.Spare,
                _ => MdRole.Active,
            },
            Slot = own,
            ActiveMembers = CountActive(),
            ReshapeUnderWay = (FeatureMap & FeatureReshape) != 0,
            Recovered = Math.Min(recovered, length),
            BadBlockLog = FindBadBlockLog(at),
            BadBlockShift = _bytes[BadBlockShiftAt],
        };
    }

    /// <summary>
    /// Sum of all 32-bit words with the field itself as zero, and of a last half word; carries folded in once.
    /// </summary>
    internal static uint ComputeChecksum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        int i = 0;
        for (; i + sizeof(uint) <= bytes.Length; i += sizeof(uint))
        {
            if (i != ChecksumAt) sum += bytes.U32(i);
        }

        if (i + sizeof(ushort) <= bytes.Length) sum += bytes.U16(i);
        return (uint)((sum & uint.MaxValue) + (sum >> 32));
    }

    /// <summary>In the groups of eight that mdadm prints.</summary>
    internal static string Colons(string hex) => $"{hex[..8]}:{hex[8..16]}:{hex[16..24]}:{hex[24..]}";

    private string ArrayName =>
        Printable.Of(Encoding.UTF8.GetString(_bytes.Slice(SetNameAt, SetNameSize)).TrimEnd('\0', ' '));

    private long Sectors(int at) => (long)_bytes.U64(at) * 512;

    private ushort RoleOf(int device) =>
        device < RoleCount ? _bytes.U16(RolesAt + (device * sizeof(ushort))) : RoleSpare;

    private int CountActive()
    {
        int active = 0;
        for (int i = 0; i < RoleCount; i++) active += RoleOf(i) < RoleMax ? 1 : 0;
        return active;
    }

    private ByteRange FindBadBlockLog(long at)
    {
        long offset = at + (_bytes.S32(BadBlockOffsetAt) * 512L);
        long length = _bytes.U16(BadBlockSizeAt) * 512L;
        return (FeatureMap & FeatureBadBlocks) != 0 && offset >= 0 ? new(offset, length) : default;
    }

    internal const int MagicAt = 0;
    internal const int MajorVersionAt = MagicAt + sizeof(uint);
    internal const int FeatureMapAt = MajorVersionAt + sizeof(uint);
    internal const int SetUuidAt = FeatureMapAt + sizeof(uint) + sizeof(uint); // padding between
    internal const int SetUuidSize = 16;
    internal const int SetNameAt = SetUuidAt + SetUuidSize;
    internal const int SetNameSize = 32;
    internal const int CreationTimeAt = SetNameAt + SetNameSize;
    internal const int LevelAt = CreationTimeAt + sizeof(ulong);
    internal const int LayoutAt = LevelAt + sizeof(uint);
    internal const int SizeAt = LayoutAt + sizeof(uint);
    internal const int ChunkSizeAt = SizeAt + sizeof(ulong);
    internal const int RaidDisksAt = ChunkSizeAt + sizeof(uint);
    internal const int BitmapOffsetAt = RaidDisksAt + sizeof(uint);
    internal const int NewLevelAt = BitmapOffsetAt + sizeof(uint);
    internal const int ReshapePositionAt = NewLevelAt + sizeof(uint);
    internal const int DeltaDisksAt = ReshapePositionAt + sizeof(ulong);
    internal const int NewLayoutAt = DeltaDisksAt + sizeof(uint);
    internal const int NewChunkAt = NewLayoutAt + sizeof(uint);
    internal const int NewOffsetAt = NewChunkAt + sizeof(uint);
    internal const int DataOffsetAt = NewOffsetAt + sizeof(uint);
    internal const int DataSizeAt = DataOffsetAt + sizeof(ulong);
    internal const int SuperOffsetAt = DataSizeAt + sizeof(ulong);
    internal const int RecoveryOffsetAt = SuperOffsetAt + sizeof(ulong);
    internal const int DeviceNumberAt = RecoveryOffsetAt + sizeof(ulong);
    internal const int CorrectedReadsAt = DeviceNumberAt + sizeof(uint);
    internal const int DeviceUuidAt = CorrectedReadsAt + sizeof(uint);
    internal const int DeviceFlagsAt = DeviceUuidAt + 16;
    internal const int BadBlockShiftAt = DeviceFlagsAt + 1;
    internal const int BadBlockSizeAt = BadBlockShiftAt + 1;
    internal const int BadBlockOffsetAt = BadBlockSizeAt + sizeof(ushort);
    internal const int UpdateTimeAt = BadBlockOffsetAt + sizeof(uint);
    internal const int EventsAt = UpdateTimeAt + sizeof(ulong);
    internal const int ResyncOffsetAt = EventsAt + sizeof(ulong);
    internal const int ChecksumAt = ResyncOffsetAt + sizeof(ulong);
    internal const int RoleCountAt = ChecksumAt + sizeof(uint);
    internal const int RolesAt = RoleCountAt + sizeof(uint) + 32; // padding between
}
