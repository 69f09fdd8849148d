// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>
/// Where, in an inode, the attribute fork begins, as the kernel moves it (di_forkoff, in units of eight bytes).
/// </summary>
/// <param name="Literal">Bytes of the inode for both forks.</param>
/// <param name="Current">The offset as it is; 0 where there is no attribute fork.</param>
/// <param name="DataFormat">Of the data fork.</param>
/// <param name="DataBytes">What the data fork holds: content, or extents.</param>
internal readonly record struct ForkOffset(int Literal, int Current, ForkFormat DataFormat, int DataBytes)
{
    internal const int Unit = sizeof(ulong);

    private const int DeviceBytes = Unit;
    private const int RootHeader = 2 * sizeof(ushort);
    private const int RootEntry = 2 * sizeof(ulong);
    private const int DataRootEntriesMin = 3;
    private const int AttributeRootEntriesMin = 2;

    /// <summary>Inodes of 256 bytes have no room for the usual share.</summary>
    private const int SmallInode = 256;

    /// <summary>Bytes that attributes have at most without another place.</summary>
    private int AttributeBytes => Current == 0 ? 0 : Literal - Current * Unit;

    /// <summary>Where the fork goes when <paramref name="bytes"/> shall lie in it; 0: they do not fit.</summary>
    public int Fitting(int bytes)
    {
        if (bytes > Literal) return 0;
        int offset = (Literal - bytes) / Unit;
        if (DataFormat == ForkFormat.Device) return offset >= DeviceBytes / Unit ? DeviceBytes / Unit : 0;
        if (bytes <= AttributeBytes) return Current;
        if (DataFormat == ForkFormat.Btree) return offset < Current ? 0 : Current;
        int least = (Math.Max(DataBytes, RootBytes(DataRootEntriesMin)) + Unit - 1) / Unit;
        int most = (Literal - RootBytes(AttributeRootEntriesMin)) / Unit;
        if (offset >= most) return most;
        return offset >= least ? offset : 0;
    }

    /// <summary>Where it goes when the attributes move out of the inode: the data fork takes what it can
    /// have.</summary>
    public int WithoutContent(int inodeSize)
    {
        if (DataFormat is ForkFormat.Device or ForkFormat.Btree) return Current;
        int usual = inodeSize == SmallInode
            ? Literal - RootBytes(AttributeRootEntriesMin)
            : RootBytes(6 * AttributeRootEntriesMin);
        return Math.Max(Current, usual / Unit);
    }

    private static int RootBytes(int entries) => RootHeader + entries * RootEntry;
}
