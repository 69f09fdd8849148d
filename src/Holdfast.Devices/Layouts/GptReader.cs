// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>What the first sector says about a GPT behind it.</summary>
internal enum ProtectiveMbr
{
    Absent,
    Present,
    Unreadable,
}

/// <summary>
/// Reads a GUID partition table: the primary header and its entries, and where one of them cannot be believed, its
/// copy at the end. Each of the four parts is checked by itself, so that any sound header goes with any sound entries.
/// </summary>
internal sealed class GptReader
{
    private const string HeaderStructure = "GPT header";
    private const string BackupStructure = "backup GPT header";
    private const string EntriesStructure = "GPT entries";
    private const ulong PrimaryBlock = 1;

    /// <summary>Where the entries of every primary table in the field begin.</summary>
    private const ulong PrimaryEntriesBlock = 2;

    private readonly Probe _probe;
    private readonly int _sectorSize;
    private readonly List<(ulong Block, GptHeader Header)> _headers = [];
    private readonly HashSet<(ulong Block, uint Crc)> _entriesTried = [];
    private bool _magicSeen;

    private GptReader(Probe probe, int sectorSize)
    {
        _probe = new(probe.Source);
        _sectorSize = sectorSize;
    }

    private ulong BlockCount => (ulong)(_probe.Source.Length / _sectorSize);

    /// <summary>
    /// The table, or null. An image does not tell its disk's sector size, so both are tried.
    /// </summary>
    /// <param name="lastBlock">The disk's last block by the protective MBR; 0 where it does not say.</param>
    internal static PartitionTable? Read(Probe probe, ProtectiveMbr protective, ulong lastBlock)
    {
        int own = probe.Source.SectorSize;
        PartitionTable? best = null;
        GptReader? bestReader = null;
        foreach (int sectorSize in (ReadOnlySpan<int>)[own, own == 512 ? 4096 : 512])
        {
            var reader = new GptReader(probe, sectorSize);
            PartitionTable? table = reader.Read(lastBlock);
            bool better = bestReader is null
                || (table is not null && (best is null || reader.IsSounderThan(bestReader)));
            if (!better && !(best is null && reader._magicSeen && !bestReader!._magicSeen)) continue;
            best = table;
            bestReader = reader;
        }

        LayoutFaultEffect effect = best is null ? LayoutFaultEffect.Incomplete : LayoutFaultEffect.Recovered;
        if (best is null && protective != ProtectiveMbr.Present && !bestReader!._magicSeen)
        {
            // No trace of a GPT. What could not be looked at stays a miss: it matters if nothing else is found.
            probe.Misses.AddRange(bestReader._probe.Misses);
            return null;
        }

        bestReader!._probe.MissesAreFaults(effect);
        probe.Faults.AddRange(bestReader._probe.Faults.Select(f => f with { Effect = effect }));
        if (best is not null) bestReader.ReportBadEntries(best, probe);
        if (best is not null && protective == ProtectiveMbr.Absent)
        {
            LayoutFault absent = probe.At(0, MbrSector.Size, "protective MBR", "signature", "there is none");
            probe.Faults.Add(absent with { Effect = LayoutFaultEffect.Recovered });
        }

        return best;
    }

    private bool IsSounderThan(GptReader other) =>
        _probe.Faults.Count + _probe.Misses.Count < other._probe.Faults.Count + other._probe.Misses.Count;

    private PartitionTable? Read(ulong lastBlock)
    {
        bool primary = TryReadHeader(PrimaryBlock, HeaderStructure);
        if (primary && TryReadEntries(_headers[0].Header, _headers[0].Header.EntriesBlock, out PartitionTable? table))
        {
            return table;
        }

        // The copy is where the primary says, else where the protective MBR ends, else at the end of what there is.
        ulong[] places = [primary ? _headers[0].Header.AlternateBlock : 0, lastBlock, BlockCount - 1];
        foreach (ulong place in places.Where(p => p > PrimaryBlock && p < BlockCount).Distinct())
        {
            if (TryReadHeader(place, BackupStructure)) break;
        }

        foreach ((ulong block, GptHeader header) in _headers)
        {
            if (TryReadEntries(header, header.EntriesBlock, out table)) return table;
            ulong blocks = (ulong)((header.EntriesLength + _sectorSize - 1) / _sectorSize);
            ulong twin = block == PrimaryBlock ? header.AlternateBlock - blocks : PrimaryEntriesBlock;
            if (TryReadEntries(header, twin, out table)) return table;
        }

        return null;
    }

    private bool TryReadHeader(ulong block, string structure)
    {
        Span<byte> bytes = stackalloc byte[GptHeader.SizeMax];
        long at = (long)block * _sectorSize;
        if (!_probe.TryRead(at, bytes, structure)) return false;
        _magicSeen |= GptHeader.HasMagic(bytes);
        FieldFault fault = GptHeader.TryOpen(bytes, block, out GptHeader header);
        if (fault.IsNone) _headers.Add((block, header));
        else _probe.Faults.Add(fault.At(_probe, at, bytes.Length, structure));
        return fault.IsNone;
    }

    private bool TryReadEntries(GptHeader header, ulong block, out PartitionTable? table)
    {
        table = null;
        if (block <= PrimaryBlock || block >= BlockCount) return false;
        if (!_entriesTried.Add((block, header.EntriesCrc))) return false;
        byte[] entries = new byte[header.EntriesLength];
        long at = (long)block * _sectorSize;
        if (!_probe.TryRead(at, entries, EntriesStructure)) return false;
        uint crc = Crc32.Compute(entries);
        if (crc != header.EntriesCrc)
        {
            _probe.Faults.Add(_probe.WrongHex(
                at, entries.Length, EntriesStructure, "PartitionEntryArrayCRC32", header.EntriesCrc, crc));
            return false;
        }

        table = new("GPT", _sectorSize, [.. PartitionsOf(header, entries)], [.. AreasOf(header)]);
        return true;
    }

    private List<Partition> PartitionsOf(GptHeader header, ReadOnlySpan<byte> entries)
    {
        var partitions = new List<Partition>();
        for (int i = 0; i < header.EntryCount; i++)
        {
            var entry = new GptEntry(entries.Slice(i * (int)header.EntrySize, GptEntry.Size));
            if (!entry.IsUsed) continue;
            bool isSound = entry.First <= entry.Last && entry.Last < (ulong)(MappedSegment.LengthMax / _sectorSize);
            ByteRange range = isSound
                ? ByteRange.FromTo((long)entry.First * _sectorSize, (long)(entry.Last + 1) * _sectorSize)
                : default;
            partitions.Add(new(i + 1, range, GptTypes.NameOf(entry.Type), $"{entry.Uuid}", entry.Name));
        }

        return partitions;
    }

    private IEnumerable<DiskArea> AreasOf(GptHeader header)
    {
        long end = (long)BlockCount * _sectorSize;
        long entries = (header.EntriesLength + _sectorSize - 1) / _sectorSize * _sectorSize;
        yield return new(new(0, _sectorSize), "partition table (protective MBR)");
        yield return new(new(_sectorSize, _sectorSize + entries), "partition table (GPT)");
        if (end > _sectorSize + entries)
        {
            yield return new(ByteRange.FromTo(end - _sectorSize - entries, end), "partition table (backup GPT)");
        }
    }

    /// <summary>The checksums agree and yet an entry makes no sense: named, whichever copy it came from.</summary>
    private void ReportBadEntries(PartitionTable table, Probe probe)
    {
        foreach (Partition partition in table.Partitions.Where(p => p.Range.IsEmpty))
        {
            probe.Faults.Add(probe.At(
                _sectorSize, 0, EntriesStructure, "EndingLBA", $"partition {partition.Number} ends before it starts"));
        }
    }
}
