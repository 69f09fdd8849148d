// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Cli.Output;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Content;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Cli.Images;

/// <summary>
/// Says which damaged files look like images, where nobody asked to look into them: by the first sector of the worst
/// of the large ones.
/// </summary>
internal static class ImageHint
{
    private const long SizeMin = 16 << 20;
    private const int FilesMax = 100;
    private const int NamesShownMax = 3;
    private const int SectorSize = 512;

    // The partition table of an MBR: four entries of 16 bytes and the signature at the end of the sector.
    private const int EntriesAt = 446;
    private const int EntrySize = 16;
    private const int TypeAt = 4;
    private const int SignatureAt = 510;

    /// <summary>One line; null where there is nothing to say.</summary>
    public static string? Of(XfsVolume volume, LocateReport report)
    {
        // What cannot be read for the hint's sake makes no answer incomplete.
        XfsVolume beside = volume.WithOwnFaults();
        byte[] sector = new byte[SectorSize];
        var names = new List<string>();
        bool isDisk = false;
        IEnumerable<DamagedFile> large = DamagedFile.Of(report, ByteRangeSet.Empty).Where(at => at.Size >= SizeMin);
        foreach (DamagedFile file in large.Take(FilesMax))
        {
            if (!FileBlockSource.ReadHead(beside, new InodeNumber(file.Inode), sector)) continue;
            bool isXfs = BinaryPrimitives.ReadUInt32BigEndian(sector) == Magic.Superblock;
            if (!isXfs && !HasPartitions(sector)) continue;
            isDisk = !isXfs;
            names.Add(file.Name);
        }

        if (names.Count == 0) return null;
        if (names.Count == 1)
        {
            string what = isDisk ? "looks like a disk with partitions" : "holds an XFS";
            return $"{names[0]} {what}: --into-images names the files in it";
        }

        string rest = names.Count > NamesShownMax ? $" and {names.Count - NamesShownMax} more" : "";
        return $"{string.Join(", ", names.Take(NamesShownMax))}{rest} look like images: --into-images names the files "
            + "in them";
    }

    /// <summary>Boot code of a filesystem has the signature too, but no entries that could be any.</summary>
    private static bool HasPartitions(ReadOnlySpan<byte> sector)
    {
        if (sector[SignatureAt] != 0x55 || sector[SignatureAt + 1] != 0xAA) return false;
        bool hasAny = false;
        for (int at = EntriesAt; at < SignatureAt; at += EntrySize)
        {
            if (sector[at] is not (0 or 0x80)) return false;
            hasAny |= sector[at + TypeAt] != 0;
        }

        return hasAny;
    }
}
