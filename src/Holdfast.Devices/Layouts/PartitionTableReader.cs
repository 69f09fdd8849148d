// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Layouts;

/// <summary>Decides which partition table a disk has, if any, and reads it.</summary>
internal static class PartitionTableReader
{
    /// <summary>
    /// The table, or null where there is none that can be believed.
    /// </summary>
    /// <param name="isKnown">
    /// Is there anything familiar at the start of these bytes? Tells the right sector size of an MBR in an image.
    /// </param>
    internal static PartitionTable? Read(Probe probe, Func<IBlockSource, bool> isKnown)
    {
        Span<byte> bytes = stackalloc byte[MbrSector.Size];
        if (!probe.TryRead(0, bytes, "partition table")) return GptReader.Read(probe, ProtectiveMbr.Unreadable, 0);
        if (!MbrSector.TryOpen(bytes, out MbrSector mbr).IsNone)
        {
            // Without it a GPT is believed only where nothing newer was put over it.
            return ContentSignature.Find(probe.Source) is null ? GptReader.Read(probe, ProtectiveMbr.Absent, 0) : null;
        }

        // A stale GPT behind a plain MBR does not count; Linux sees it that way, too.
        return mbr.IsProtective
            ? GptReader.Read(probe, ProtectiveMbr.Present, LastBlock(mbr))
            : ReadMbr(probe, mbr, isKnown);
    }

    /// <summary>Where the protective entry ends; a disk too large for its 32 bits does not say.</summary>
    private static ulong LastBlock(MbrSector mbr)
    {
        for (int i = 0; i < MbrSector.EntryCount; i++)
        {
            MbrEntry entry = mbr[i];
            if (entry.Type == MbrEntry.Protective && entry.Count != uint.MaxValue)
            {
                return (ulong)entry.Start + entry.Count - 1;
            }
        }

        return 0;
    }

    /// <summary>
    /// An MBR counts in sectors without saying how large they are. A device knows; for an image the size wins by which
    /// more partitions begin with something familiar.
    /// </summary>
    private static PartitionTable? ReadMbr(Probe probe, MbrSector mbr, Func<IBlockSource, bool> isKnown)
    {
        int own = probe.Source.SectorSize;
        PartitionTable? best = null;
        Probe? bestProbe = null;
        int bestKnown = -1;
        foreach (int sectorSize in (ReadOnlySpan<int>)[own, own == 512 ? 4096 : 512])
        {
            var attempt = new Probe(probe.Source);
            PartitionTable table = MbrReader.Read(attempt, mbr, sectorSize);
            int known = table.Partitions.Count(p => IsKnown(probe.Source, p, isKnown));
            if (known <= bestKnown) continue;
            bestKnown = known;
            best = table;
            bestProbe = attempt;
            if (known == table.Partitions.Count) break;
        }

        probe.Faults.AddRange(bestProbe!.Faults);
        return best!.Partitions.Count == 0 && bestProbe.Faults.Count == 0 ? null : best;
    }

    private static bool IsKnown(IBlockSource disk, Partition partition, Func<IBlockSource, bool> isKnown)
    {
        if (partition.Range.IsEmpty || partition.Range.End > disk.Length) return false;
        return isKnown(new MappedBlockSource(
            disk.Name, [MappedSegment.Linear(0, partition.Range.Length, disk, partition.Range.Offset)]));
    }
}
