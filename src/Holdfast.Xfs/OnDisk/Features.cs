// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// What a filesystem can do, from its superblock. An unknown incompatible bit means the rest cannot be understood and
/// is refused by name; an unknown read-only-compatible bit is reported. Source: xfs_format.h (XFS_SB_*).
/// </summary>
public sealed record Features
{
    internal const ushort VersionMask = 0x000f;
    internal const ushort VersionAttr = 0x0010;
    internal const ushort VersionQuota = 0x0040;
    internal const ushort VersionAlign = 0x0080;
    internal const ushort VersionLogV2 = 0x0400;
    internal const ushort VersionSector = 0x0800;
    internal const ushort VersionExtentFlag = 0x1000;
    internal const ushort VersionDirectoryV2 = 0x2000;
    internal const ushort VersionCaseInsensitive = 0x4000;
    internal const ushort VersionMoreBits = 0x8000;
    internal const uint Version2LazyCount = 0x2;
    internal const uint Version2Attr2 = 0x8;
    internal const uint Version2ProjectId32 = 0x80;
    internal const uint Version2FileType = 0x200;
    internal const uint IncompatMetaUuid = 1u << 2;

    private static readonly string[] ReadOnlyNames = ["finobt", "rmapbt", "reflink", "inobtcount"];

    private static readonly string[] IncompatNames =
    [
        "ftype", "sparse", "meta_uuid", "bigtime", "needsrepair", "nrext64", "exchange", "parent", "metadir", "zoned",
        "zone_gaps",
    ];

    private Features(in Superblock superblock)
    {
        Version = superblock.Version;
        ushort version = superblock.VersionNumber;
        bool more = (version & VersionMoreBits) != 0;
        uint features2 = more ? superblock.Features2 : 0;
        IsV5 = Version == 5;
        uint ro = IsV5 ? superblock.ReadOnlyCompatibleFeatures : 0;
        uint incompat = IsV5 ? superblock.IncompatibleFeatures : 0;
        FileTypes = IsV5 ? Bit(incompat, 0) : (features2 & Version2FileType) != 0;
        LogV2 = IsV5 || (version & VersionLogV2) != 0;
        CaseInsensitive = (version & VersionCaseInsensitive) != 0;
        ProjectId32 = IsV5 || (features2 & Version2ProjectId32) != 0;
        Quota = (version & VersionQuota) != 0;
        FreeInodeBtree = Bit(ro, 0);
        ReverseMapBtree = Bit(ro, 1);
        Reflink = Bit(ro, 2);
        InodeBtreeCounts = Bit(ro, 3);
        SparseInodes = Bit(incompat, 1);
        MetaUuid = Bit(incompat, 2);
        BigTime = Bit(incompat, 3);
        NeedsRepair = Bit(incompat, 4);
        LargeExtentCounts = Bit(incompat, 5);
        ExchangeRange = Bit(incompat, 6);
        ParentPointers = Bit(incompat, 7);
        MetadataDirectory = Bit(incompat, 8);
        Zoned = Bit(incompat, 9);
        UnknownReadOnly = ro >> ReadOnlyNames.Length << ReadOnlyNames.Length;
        UnknownIncompatible = incompat >> IncompatNames.Length << IncompatNames.Length;
        Names = NamesOf(ro, incompat);
    }

    public int Version { get; }

    /// <summary>Version 5: checksummed, self-describing metadata.</summary>
    public bool IsV5 { get; }

    public bool FileTypes { get; }

    public bool LogV2 { get; }

    public bool CaseInsensitive { get; }

    public bool ProjectId32 { get; }

    public bool Quota { get; }

    public bool FreeInodeBtree { get; }

    public bool ReverseMapBtree { get; }

    public bool Reflink { get; }

    public bool InodeBtreeCounts { get; }

    public bool SparseInodes { get; }

    public bool MetaUuid { get; }

    public bool BigTime { get; }

    public bool NeedsRepair { get; }

    public bool LargeExtentCounts { get; }

    public bool ExchangeRange { get; }

    public bool ParentPointers { get; }

    public bool MetadataDirectory { get; }

    public bool Zoned { get; }

    /// <summary>Bits that a reader may ignore but must report.</summary>
    public uint UnknownReadOnly { get; }

    /// <summary>Bits that no reader may ignore.</summary>
    public uint UnknownIncompatible { get; }

    /// <summary>The V5 features that are on, under mkfs.xfs's names.</summary>
    public IReadOnlyList<string> Names { get; }

    public static Features Of(in Superblock superblock) => new(in superblock);

    private static List<string> NamesOf(uint ro, uint incompat)
    {
        var names = new List<string>();
        for (int bit = 0; bit < IncompatNames.Length; bit++) if (Bit(incompat, bit)) names.Add(IncompatNames[bit]);
        for (int bit = 0; bit < ReadOnlyNames.Length; bit++) if (Bit(ro, bit)) names.Add(ReadOnlyNames[bit]);
        return names;
    }

    private static bool Bit(uint bits, int bit) => (bits >> bit & 1) != 0;
}
