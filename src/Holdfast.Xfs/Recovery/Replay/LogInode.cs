// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>
/// The core of a logged inode: the fields of the inode on disk at the same places, but in the machine's byte order, and
/// a few that are not taken from it: the link of the unlinked list, the checksum, and the LSN, which is the item's
/// (L16). Source of the format: xfs_log_format.h (struct xfs_log_dinode).
/// </summary>
internal static class LogInode
{
    private const ulong BigTimeFlag = 1ul << 3;

    private const int LegacyPadSize = 6;

    /// <summary>Bytes of a core that has no more than the fields of version 2.</summary>
    private const int SizeV2 = Inode.NextUnlinkedAt;

    public static ushort MagicOf(ReadOnlySpan<byte> core) => core.Host16(Inode.MagicAt);

    public static ushort ModeOf(ReadOnlySpan<byte> core) => core.Host16(Inode.ModeAt);

    public static ForkFormat DataFormatOf(ReadOnlySpan<byte> core) => (ForkFormat)core[Inode.FormatAt];

    /// <summary>How often a V4 inode was written: tells which of two is newer.</summary>
    public static ushort FlushCountOf(ReadOnlySpan<byte> core) => core.Host16(Inode.BigExtentsAt + LegacyPadSize);

    public static ushort FlushCountOnDisk(ReadOnlySpan<byte> inode) => inode.U16(Inode.BigExtentsAt + LegacyPadSize);

    /// <summary>Is this a core that can be put into an inode? Its length, its version and its forks' bounds.</summary>
    public static BlockFault Check(ReadOnlySpan<byte> core, bool isV3, int inodeSize)
    {
        int size = isV3 ? Inode.CoreSizeV3 : SizeV2;
        if (core.Length != size) return BlockFault.Wrong("ilf core", $"{size} bytes", $"{core.Length}");
        if (MagicOf(core) != Magic.Inode) return BlockFault.WrongHex("di_magic", Magic.Inode, MagicOf(core));
        byte version = core[Inode.VersionAt];
        if (isV3 ? version != 3 : version is not (1 or 2))
        {
            return BlockFault.Wrong("di_version", isV3 ? "3" : "1 or 2", $"{version}");
        }

        int coreOnDisk = isV3 ? Inode.CoreSizeV3 : Inode.CoreSizeV2;
        int forkOffsetMax = (inodeSize - coreOnDisk) / sizeof(ulong);
        return core[Inode.ForkOffsetAt] > forkOffsetMax
            ? BlockFault.OutOfBounds("di_forkoff", core[Inode.ForkOffsetAt], (ulong)forkOffsetMax)
            : BlockFault.None;
    }

    /// <summary>Has the inode blocks for its extents? Sound cores only.</summary>
    public static BlockFault CheckCounts(ReadOnlySpan<byte> core, bool mayHaveLargeCounts)
    {
        bool isV3 = core[Inode.VersionAt] == 3;
        ulong data, attribute;
        if (isV3 && (core.Host64(Inode.Flags2At) & Inode.Flag2LargeExtentCounts) != 0)
        {
            if (!mayHaveLargeCounts) return BlockFault.Bad("di_flags2", "large extent counts without the feature");
            ushort padding = core.Host16(Inode.AttributeExtentsAt);
            if (padding != 0) return BlockFault.WrongHex("di_nrext64_pad", 0, padding);
            (data, attribute) = (core.Host64(Inode.BigExtentsAt), core.Host32(Inode.ExtentsAt));
        }
        else
        {
            ulong padding = core.Host64(Inode.BigExtentsAt);
            if (isV3 && padding != 0) return BlockFault.WrongHex("di_v3_pad", 0, padding);
            (data, attribute) = (core.Host32(Inode.ExtentsAt), core.Host16(Inode.AttributeExtentsAt));
        }

        ulong blocks = core.Host64(Inode.BlocksAt);
        return unchecked(data + attribute) > blocks
            ? BlockFault.OutOfBounds("di_nextents", unchecked(data + attribute), blocks)
            : BlockFault.None;
    }

    /// <summary>Puts the logged core over the inode on disk.</summary>
    public static void ToDisk(ReadOnlySpan<byte> core, Span<byte> inode, LogSequenceNumber lsn)
    {
        bool isV3 = core[Inode.VersionAt] == 3;
        ulong flags2 = isV3 ? core.Host64(Inode.Flags2At) : 0;
        Swap16(core, inode, Inode.MagicAt, Inode.ModeAt, Inode.MetadataTypeAt);
        Copy8(core, inode, Inode.VersionAt, Inode.FormatAt, Inode.ForkOffsetAt, Inode.AttributeFormatAt);
        Swap32(core, inode, Inode.UserAt, Inode.GroupAt, Inode.LinksAt, Inode.ExtentSizeAt, Inode.GenerationAt);
        Swap16(core, inode, Inode.ProjectAt, Inode.ProjectAt + sizeof(ushort));
        Swap64(core, inode, Inode.SizeAt, Inode.BlocksAt);
        Swap32(core, inode, Inode.DmapiMaskAt);
        Swap16(core, inode, Inode.DmapiMaskAt + sizeof(uint), Inode.FlagsAt);
        bool isBigTime = (flags2 & BigTimeFlag) != 0;
        Time(core, inode, isBigTime, Inode.AccessTimeAt, Inode.ModifyTimeAt, Inode.ChangeTimeAt);
        Counts(core, inode, (flags2 & Inode.Flag2LargeExtentCounts) != 0);
        if (!isV3) return;
        Swap64(core, inode, Inode.ChangeCountAt, Inode.Flags2At, Inode.NumberAt);
        Swap32(core, inode, Inode.CowExtentSizeAt);
        inode[(Inode.CowExtentSizeAt + sizeof(uint))..Inode.CreationTimeAt].Clear();
        Time(core, inode, isBigTime, Inode.CreationTimeAt);
        BinaryPrimitives.WriteUInt64BigEndian(inode[Inode.LsnAt..], lsn.Value);
        core.Slice(Inode.UuidAt, 16).CopyTo(inode[Inode.UuidAt..]);
    }

    private static void Counts(ReadOnlySpan<byte> core, Span<byte> inode, bool hasLargeCounts)
    {
        if (hasLargeCounts)
        {
            Swap64(core, inode, Inode.BigExtentsAt);
            Swap32(core, inode, Inode.ExtentsAt);
            Swap16(core, inode, Inode.AttributeExtentsAt);
            return;
        }

        // Version 3 has nothing here. The count of flushes starts anew: what was replayed is the newest there is.
        inode.Slice(Inode.BigExtentsAt, sizeof(ulong)).Clear();
        Swap32(core, inode, Inode.ExtentsAt);
        Swap16(core, inode, Inode.AttributeExtentsAt);
    }

    private static void Time(ReadOnlySpan<byte> core, Span<byte> inode, bool isBigTime, params ReadOnlySpan<int> places)
    {
        foreach (int at in places)
        {
            if (isBigTime) Swap64(core, inode, at);
            else Swap32(core, inode, at, at + sizeof(uint));
        }
    }

    private static void Copy8(ReadOnlySpan<byte> core, Span<byte> inode, params ReadOnlySpan<int> places)
    {
        foreach (int at in places) inode[at] = core[at];
    }

    private static void Swap16(ReadOnlySpan<byte> core, Span<byte> inode, params ReadOnlySpan<int> places)
    {
        foreach (int at in places) BinaryPrimitives.WriteUInt16BigEndian(inode[at..], core.Host16(at));
    }

    private static void Swap32(ReadOnlySpan<byte> core, Span<byte> inode, params ReadOnlySpan<int> places)
    {
        foreach (int at in places) BinaryPrimitives.WriteUInt32BigEndian(inode[at..], core.Host32(at));
    }

    private static void Swap64(ReadOnlySpan<byte> core, Span<byte> inode, params ReadOnlySpan<int> places)
    {
        foreach (int at in places) BinaryPrimitives.WriteUInt64BigEndian(inode[at..], core.Host64(at));
    }
}
