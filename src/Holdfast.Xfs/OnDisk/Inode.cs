// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Bytes;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// An inode, viewed in place. <see cref="TryOpen"/> has checked that it is this inode and that its forks lie within
/// it; what the forks point at is checked by whoever follows them. Source of the format: xfs_format.h (struct
/// xfs_dinode).
/// </summary>
public readonly ref struct Inode
{
    public const ushort FlagRealtime = 1;
    public const ushort FlagPreallocated = 1 << 1;
    public const ushort FlagAppendOnly = 1 << 4;
    public const ulong Flag2Reflink = 1ul << 1;
    public const ulong Flag2LargeExtentCounts = 1ul << 4;
    public const ulong Flag2Metadata = 1ul << 5;

    private const ushort TypeMask = 0xF000;

    internal const int MagicAt = 0;
    internal const int ModeAt = MagicAt + sizeof(ushort);
    internal const int VersionAt = ModeAt + sizeof(ushort);
    internal const int FormatAt = VersionAt + 1;
    internal const int MetadataTypeAt = FormatAt + 1;
    internal const int UserAt = MetadataTypeAt + sizeof(ushort);
    internal const int GroupAt = UserAt + sizeof(uint);
    internal const int LinksAt = GroupAt + sizeof(uint);
    internal const int ProjectAt = LinksAt + sizeof(uint);
    internal const int BigExtentsAt = ProjectAt + 2 * sizeof(ushort);
    internal const int AccessTimeAt = BigExtentsAt + sizeof(ulong);
    internal const int ModifyTimeAt = AccessTimeAt + sizeof(ulong);
    internal const int ChangeTimeAt = ModifyTimeAt + sizeof(ulong);
    internal const int SizeAt = ChangeTimeAt + sizeof(ulong);
    internal const int BlocksAt = SizeAt + sizeof(ulong);
    internal const int ExtentSizeAt = BlocksAt + sizeof(ulong);
    internal const int ExtentsAt = ExtentSizeAt + sizeof(uint);
    internal const int AttributeExtentsAt = ExtentsAt + sizeof(uint);
    internal const int ForkOffsetAt = AttributeExtentsAt + sizeof(ushort);
    internal const int AttributeFormatAt = ForkOffsetAt + 1;
    internal const int DmapiMaskAt = AttributeFormatAt + 1;
    internal const int FlagsAt = DmapiMaskAt + sizeof(uint) + sizeof(ushort); // past the DMAPI state
    internal const int GenerationAt = FlagsAt + sizeof(ushort);
    internal const int NextUnlinkedAt = GenerationAt + sizeof(uint);

    /// <summary>Bytes before the literal area in version 1 and 2 inodes.</summary>
    public const int CoreSizeV2 = NextUnlinkedAt + sizeof(uint);

    internal const int CrcAt = CoreSizeV2;
    internal const int ChangeCountAt = CrcAt + sizeof(uint);
    internal const int LsnAt = ChangeCountAt + sizeof(ulong);
    internal const int Flags2At = LsnAt + sizeof(ulong);
    internal const int CowExtentSizeAt = Flags2At + sizeof(ulong);
    internal const int CreationTimeAt = CowExtentSizeAt + sizeof(uint) + 12; // padded
    internal const int NumberAt = CreationTimeAt + sizeof(ulong);
    internal const int UuidAt = NumberAt + sizeof(ulong);

    /// <summary>Bytes before the literal area in version 3 inodes.</summary>
    public const int CoreSizeV3 = UuidAt + 16;

    private readonly ReadOnlySpan<byte> _bytes;

    private Inode(ReadOnlySpan<byte> bytes, InodeNumber number)
    {
        _bytes = bytes;
        Number = number;
    }

    public InodeNumber Number { get; }

    public ushort Mode => _bytes.U16(ModeAt);

    public FileType Type => (FileType)(Mode & TypeMask);

    public int Version => _bytes[VersionAt];

    /// <summary>Mode 0: the inode holds nothing.</summary>
    public bool IsFree => Mode == 0;

    public uint Links => Version == 1 ? _bytes.U16(MetadataTypeAt) : IsMetadata ? 1 : _bytes.U32(LinksAt);

    public uint UserId => _bytes.U32(UserAt);

    public uint GroupId => _bytes.U32(GroupAt);

    /// <summary>Length of the file in bytes.</summary>
    public long Size => (long)_bytes.U64(SizeAt);

    /// <summary>Filesystem blocks of both forks, block maps included.</summary>
    public ulong Blocks => _bytes.U64(BlocksAt);

    public ushort Flags => _bytes.U16(FlagsAt);

    public ulong Flags2 => Version == 3 ? _bytes.U64(Flags2At) : 0;

    public bool IsRealtime => (Flags & FlagRealtime) != 0;

    public bool IsReflinked => (Flags2 & Flag2Reflink) != 0;

    /// <summary>Belongs to the metadata directory tree.</summary>
    public bool IsMetadata => (Flags2 & Flag2Metadata) != 0;

    public ushort MetadataType => _bytes.U16(MetadataTypeAt);

    public uint Generation => _bytes.U32(GenerationAt);

    public uint NextUnlinked => _bytes.U32(NextUnlinkedAt);

    public ulong Lsn => Version == 3 ? _bytes.U64(LsnAt) : 0;

    public ulong ModifyTime => _bytes.U64(ModifyTimeAt);

    public ForkFormat DataFormat => (ForkFormat)_bytes[FormatAt];

    public ForkFormat AttributeFormat => (ForkFormat)_bytes[AttributeFormatAt];

    public bool HasAttributeFork => _bytes[ForkOffsetAt] != 0;

    public ulong DataExtents => HasLargeCounts ? _bytes.U64(BigExtentsAt) : _bytes.U32(ExtentsAt);

    public ulong AttributeExtents => HasLargeCounts ? _bytes.U32(ExtentsAt) : _bytes.U16(AttributeExtentsAt);

    public ReadOnlySpan<byte> DataFork
    {
        get
        {
            ReadOnlySpan<byte> literal = _bytes[CoreSize..];
            return HasAttributeFork ? literal[..AttributeForkOffset] : literal;
        }
    }

    /// <summary>Empty where the inode has no attribute fork.</summary>
    public ReadOnlySpan<byte> AttributeFork => HasAttributeFork ? _bytes[(CoreSize + AttributeForkOffset)..] : default;

    public int CoreSize => Version == 3 ? CoreSizeV3 : CoreSizeV2;

    private int AttributeForkOffset => _bytes[ForkOffsetAt] * sizeof(ulong);

    private bool HasLargeCounts => (Flags2 & Flag2LargeExtentCounts) != 0;

    /// <param name="bytes">One inode.</param>
    /// <param name="number">The inode that should be here.</param>
    /// <param name="hasCrc">V5.</param>
    /// <param name="uuid">The metadata UUID.</param>
    /// <param name="inode">The view; usable only without a fault.</param>
    public static BlockFault TryOpen(
        ReadOnlySpan<byte> bytes, InodeNumber number, bool hasCrc, Guid uuid, out Inode inode)
    {
        inode = default;
        if (bytes.U16(MagicAt) != Magic.Inode) return BlockFault.WrongHex("di_magic", Magic.Inode, bytes.U16(MagicAt));
        var view = new Inode(bytes, number);
        if (hasCrc ? view.Version != 3 : view.Version is not (1 or 2))
        {
            return BlockFault.Wrong("di_version", hasCrc ? "3" : "1 or 2", $"{view.Version}");
        }

        if (hasCrc)
        {
            if (!Crc32c.Verify(bytes, CrcAt))
            {
                return BlockFault.WrongHex("di_crc", Crc32c.Compute(bytes, CrcAt), Crc32c.Stored(bytes, CrcAt));
            }

            if (bytes.U64(NumberAt) != number.Value)
            {
                return BlockFault.Wrong("di_ino", number.Value, bytes.U64(NumberAt));
            }
            if (bytes.Uuid(UuidAt) != uuid) return BlockFault.Wrong("di_uuid", $"{uuid}", $"{bytes.Uuid(UuidAt)}");
        }

        BlockFault fault = view.IsFree ? BlockFault.None : view.CheckForks();
        if (fault.IsNone) inode = view;
        return fault;
    }

    /// <summary>The view of an inode that <see cref="TryOpen"/> has agreed to before.</summary>
    internal static Inode Trusted(ReadOnlySpan<byte> bytes, InodeNumber number) => new(bytes, number);

    private BlockFault CheckForks()
    {
        if (!IsKnown(Type)) return BlockFault.Wrong("di_mode", "a known file type", $"0x{Mode:x}");
        if (Size < 0) return BlockFault.Bad("di_size", $"0x{_bytes.U64(SizeAt):x}");
        if (HasAttributeFork && AttributeForkOffset >= _bytes.Length - CoreSize)
        {
            return BlockFault.OutOfBounds("di_forkoff", _bytes[ForkOffsetAt],
                (ulong)(_bytes.Length - CoreSize) / 8 - 1);
        }

        BlockFault fault = CheckDataFork();
        if (!fault.IsNone || !HasAttributeFork) return fault;
        return AttributeFormat switch
        {
            ForkFormat.Local or ForkFormat.Btree => BlockFault.None,
            ForkFormat.Extents => CheckExtentCount("di_anextents", AttributeExtents, AttributeFork.Length),
            _ => BlockFault.Wrong("di_aformat", "local, extents or btree", $"{(byte)AttributeFormat}"),
        };
    }

    private BlockFault CheckDataFork()
    {
        bool mayBeLocal = Type is FileType.Directory or FileType.Symlink;
        bool mayHaveExtents = mayBeLocal || Type == FileType.Regular;
        switch (DataFormat)
        {
            case ForkFormat.Device when !mayHaveExtents:
            case ForkFormat.Btree when mayHaveExtents:
            case ForkFormat.MetadataBtree when IsMetadata:
                return BlockFault.None;
            case ForkFormat.Local when mayBeLocal:
                return Size > DataFork.Length
                    ? BlockFault.OutOfBounds("di_size", (ulong)Size, (ulong)DataFork.Length)
                    : BlockFault.None;
            case ForkFormat.Extents when mayHaveExtents:
                return CheckExtentCount("di_nextents", DataExtents, DataFork.Length);
            default:
                return BlockFault.Wrong("di_format", $"one that a {Type.Word()} can have", $"{(byte)DataFormat}");
        }
    }

    private static BlockFault CheckExtentCount(string field, ulong count, int forkLength)
    {
        ulong countMax = (ulong)(forkLength / ExtentRecord.Size);
        return count > countMax ? BlockFault.OutOfBounds(field, count, countMax) : BlockFault.None;
    }

    private static bool IsKnown(FileType type) => type is FileType.Regular or FileType.Directory or FileType.Symlink
        or FileType.Fifo or FileType.Socket or FileType.CharacterDevice or FileType.BlockDevice;
}
