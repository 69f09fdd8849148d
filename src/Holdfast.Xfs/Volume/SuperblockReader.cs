// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// Finds a superblock that can be believed: the primary one, else the copy at the start of another group. Copies
/// lie where the group size puts them, which only a superblock tells; so likely group sizes are tried.
/// </summary>
internal static class SuperblockReader
{
    private const int CandidatesMax = 4096;

    /// <summary>The largest sector a superblock's checksum can cover.</summary>
    private const int SectorSizeMax = 32768;

    public static bool TryRead(
        IBlockSource data, out Geometry? geometry, out BlockFault fault, out BlockFault primaryFault)
    {
        primaryFault = fault = TryReadAt(data, 0, out geometry);
        if (fault.IsNone) return CheckFeatures(geometry!, out fault);
        foreach (long offset in CandidateOffsets(data))
        {
            if (!TryReadAt(data, offset, out geometry).IsNone) continue;
            // A copy is believed only at a place where its own geometry puts one.
            long agBytes = (long)geometry!.AgBlocks << geometry.BlockLog;
            if (offset % agBytes != 0 || offset / agBytes >= geometry.AgCount) continue;
            if (!geometry.IsValid(geometry.RootInode)) geometry = BetterCopy(data, geometry);
            return CheckFeatures(geometry, out fault);
        }

        geometry = null;
        return false;
    }

    /// <summary>
    /// mkfs writes the copies before there is a root inode, and again only those of the middle and the last group.
    /// </summary>
    private static Geometry BetterCopy(IBlockSource data, Geometry known)
    {
        foreach (uint ag in (ReadOnlySpan<uint>)[known.AgCount / 2, known.AgCount - 1])
        {
            bool isCopy = TryReadAt(data, known.ByteOf(ag, new(0)), out Geometry? copy).IsNone;
            if (isCopy && copy!.Uuid == known.Uuid && copy.IsValid(copy.RootInode)) return copy;
        }

        return known;
    }

    private static BlockFault TryReadAt(IBlockSource data, long offset, out Geometry? geometry)
    {
        geometry = null;
        if (data.Length - offset < Superblock.SizeMin)
        {
            return BlockFault.Wrong("length", $"at least {Superblock.SizeMin} bytes",
                $"{Math.Max(0, data.Length - offset)} bytes");
        }

        byte[] sector = new byte[Superblock.SizeMin];
        ReadFault read = data.Read(offset, sector);
        if (!read.IsNone) return BlockFault.Unreadable(read);
        int size = ((ReadOnlySpan<byte>)sector).U16(Superblock.At.SectorSizeAt);
        if (size is > Superblock.SizeMin and <= SectorSizeMax
            && ((ReadOnlySpan<byte>)sector).U32(0) == Magic.Superblock)
        {
            sector = new byte[size];
            read = data.Read(offset, sector);
            if (!read.IsNone) return BlockFault.Unreadable(read);
        }

        BlockFault fault = Superblock.TryOpen(sector, out Superblock superblock);
        if (!fault.IsNone) return fault;
        if (superblock.AgCount > XfsVolume.AgCountMax)
        {
            return BlockFault.OutOfBounds("sb_agcount", superblock.AgCount, XfsVolume.AgCountMax);
        }
        geometry = Geometry.Of(in superblock);
        return BlockFault.None;
    }

    private static bool CheckFeatures(Geometry geometry, out BlockFault fault)
    {
        fault = geometry.Features.UnknownIncompatible == 0
            ? BlockFault.None
            : BlockFault.Wrong("sb_features_incompat", "known bits only",
                $"unknown bits 0x{geometry.Features.UnknownIncompatible:x}");
        return fault.IsNone;
    }

    /// <summary>
    /// Group starts for group counts that mkfs chooses (device length divided by the count, rounded to blocks of every
    /// size and to stripe units), and every power of two from 16 MiB to 1 TiB.
    /// </summary>
    private static IEnumerable<long> CandidateOffsets(IBlockSource data)
    {
        var seen = new HashSet<long>();
        foreach (long offset in Raw(data.Length))
        {
            if (offset > 0 && offset <= data.Length - Superblock.SizeMin && seen.Count < CandidatesMax
                && seen.Add(offset))
            {
                yield return offset;
            }
        }
    }

    private static IEnumerable<long> Raw(long length)
    {
        for (int shift = 24; shift <= 40; shift++) yield return 1L << shift;
        // The greatest group is just short of 1 TiB.
        for (int log = 9; log <= 16; log++) yield return (1L << 40) - (1L << log);
        for (int count = 1; count <= 256; count++)
        {
            for (int log = 9; log <= 16; log++)
            {
                long down = (length >> log) / count << log;
                yield return down;
                yield return ((length >> log) + count - 1) / count << log;
            }
        }
    }
}
