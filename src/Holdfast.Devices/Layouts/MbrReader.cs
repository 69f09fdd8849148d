// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// Reads an MBR's primary partitions and follows the chains of its extended ones, as Linux numbers them. The chain is
/// disk input: its links are counted, and none is followed twice.
/// </summary>
internal sealed class MbrReader
{
    /// <summary>Linux stops at so many partitions, too.</summary>
    private const int PartitionsMax = 256;

    /// <summary>Links in a row that hold no partition.</summary>
    private const int EmptyLinksMax = 100;

    private const string LinkStructure = "extended boot record";

    private readonly Probe _probe;
    private readonly int _sectorSize;
    private readonly List<Partition> _partitions = [];
    private readonly List<DiskArea> _areas = [];
    private readonly HashSet<long> _visited = [];
    private uint _diskSignature;

    private MbrReader(Probe probe, int sectorSize)
    {
        _probe = probe;
        _sectorSize = sectorSize;
    }

    /// <summary>
    /// The table, with its numbers taken as sectors of this size. Broken chains are faults of the probe.
    /// </summary>
    internal static PartitionTable Read(Probe probe, MbrSector mbr, int sectorSize)
    {
        var reader = new MbrReader(probe, sectorSize);
        reader.ReadPrimaries(mbr);
        return new("MBR", sectorSize, reader._partitions, reader._areas);
    }

    private void ReadPrimaries(MbrSector mbr)
    {
        _areas.Add(new(new(0, MbrSector.Size), "partition table (MBR)"));
        _diskSignature = mbr.DiskSignature;
        var extended = new List<MbrEntry>();
        for (int i = 0; i < MbrSector.EntryCount; i++)
        {
            MbrEntry entry = mbr[i];
            if (entry.IsEmpty) continue;
            if (entry.IsExtended) extended.Add(entry);
            else Add(i + 1, entry, entry.Start);
        }

        foreach (MbrEntry container in extended) FollowChain(container);
    }

    private void FollowChain(MbrEntry container)
    {
        Span<byte> bytes = stackalloc byte[MbrSector.Size];
        long link = container.Start;
        for (int emptyLinks = 0; emptyLinks <= EmptyLinksMax; emptyLinks++)
        {
            long at = link * _sectorSize;
            if (!_visited.Add(link))
            {
                _probe.Faults.Add(_probe.At(at, MbrSector.Size, LinkStructure, "next", "the chain runs in a circle"));
                return;
            }

            if (!TryReadLink(at, bytes, out MbrSector sector)) return;
            _areas.Add(new(new(at, MbrSector.Size), "partition table (MBR, extended)"));
            if (AddLogicals(sector, link, container)) emptyLinks = 0;
            if (_partitions.Count >= PartitionsMax) break;
            if (!TryFindNext(sector, container, out link)) return;
        }

        _probe.Faults.Add(_probe.At(
            link * _sectorSize, MbrSector.Size, LinkStructure, "next", "the chain is longer than Linux follows"));
    }

    private bool TryReadLink(long at, Span<byte> bytes, out MbrSector sector)
    {
        sector = default;
        if (at > _probe.Source.Length - MbrSector.Size)
        {
            _probe.Faults.Add(_probe.At(at, MbrSector.Size, LinkStructure, "read", "lies past the end of the disk"));
            return false;
        }

        var link = new Probe(_probe.Source);
        if (!link.TryRead(at, bytes, LinkStructure))
        {
            // The partitions behind an unreadable link are lost from sight: always a fault, whatever else is found.
            link.MissesAreFaults(LayoutFaultEffect.Incomplete);
            _probe.Faults.AddRange(link.Faults);
            return false;
        }

        FieldFault fault = MbrSector.TryOpen(bytes, out sector);
        if (fault.IsNone) return true;
        _probe.Faults.Add(fault.At(_probe, at, MbrSector.Size, LinkStructure));
        return false;
    }

    /// <summary>Logical partitions count from their own link on.</summary>
    private bool AddLogicals(MbrSector sector, long link, MbrEntry container)
    {
        bool any = false;
        for (int i = 0; i < MbrSector.EntryCount && _partitions.Count < PartitionsMax; i++)
        {
            MbrEntry entry = sector[i];
            if (entry.IsEmpty || entry.IsExtended) continue;
            long start = link + entry.Start;
            long containerEnd = (long)container.Start + container.Count;
            // Only the first two entries have a meaning; some old tools left remains in the others.
            if (i >= 2 && (start < container.Start || start + entry.Count > containerEnd)) continue;
            Add(NextLogicalNumber(), entry, start);
            any = true;
        }

        return any;
    }

    private int NextLogicalNumber() => 5 + _partitions.Count(p => p.Number >= 5);

    /// <summary>Links count from the start of the whole extended partition on.</summary>
    private static bool TryFindNext(MbrSector sector, MbrEntry container, out long link)
    {
        for (int i = 0; i < MbrSector.EntryCount; i++)
        {
            MbrEntry entry = sector[i];
            if (entry.IsEmpty || !entry.IsExtended) continue;
            link = (long)container.Start + entry.Start;
            return true;
        }

        link = 0;
        return false;
    }

    private void Add(int number, MbrEntry entry, long start)
    {
        var range = new ByteRange(start * _sectorSize, (long)entry.Count * _sectorSize);
        string uuid = $"{_diskSignature:x8}-{number:x2}";
        _partitions.Add(new(number, range, MbrTypes.NameOf(entry.Type), uuid, string.Empty));
    }
}
