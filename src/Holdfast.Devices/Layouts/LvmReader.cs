// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>What a physical volume tells by itself.</summary>
/// <param name="Label">Null where the label cannot be read and the metadata were found without it.</param>
/// <param name="Group">The newest believable metadata on it; null where it holds none.</param>
internal sealed record LvmFound(LvmLabel? Label, LvmVolumeGroup? Group, IReadOnlyList<DiskArea> Areas);

/// <summary>Looks for an LVM2 physical volume and reads the metadata on it.</summary>
internal static class LvmReader
{
    private const string LabelStructure = "LVM label";

    /// <summary>Where LVM puts the first metadata area of every physical volume.</summary>
    private const int FirstAreaStart = 4096;

    /// <summary>The physical volume that this source is, or null.</summary>
    internal static LvmFound? Find(Probe probe)
    {
        var attempt = new Probe(probe.Source);
        LvmLabel? label = FindLabel(attempt);
        if (label is null)
        {
            LvmFound? found = attempt.Misses.Count + attempt.Faults.Count > 0 ? FindWithoutLabel(attempt) : null;
            probe.Faults.AddRange(attempt.Faults);
            probe.Misses.AddRange(attempt.Misses.Except(probe.Misses));
            return found;
        }

        // A label was found: another sector that may hold one too does not matter any more.
        attempt.Misses.Clear();
        var areas = new List<DiskArea> { new(label.Sector, "LVM label") };
        LvmVolumeGroup? newest = null;
        foreach (ByteRange area in label.MetadataAreas)
        {
            areas.Add(new(area, "LVM metadata"));
            LvmVolumeGroup? group = ReadGroup(attempt, area.Offset);
            if (newest is null || group?.Sequence > newest.Sequence) newest = group ?? newest;
        }

        LayoutFaultEffect effect = newest is null ? LayoutFaultEffect.Incomplete : LayoutFaultEffect.Recovered;
        probe.Faults.AddRange(attempt.Faults.Select(f => f with { Effect = effect }));
        return new(label, newest, areas);
    }

    /// <summary>Only a look: does this begin like a physical volume?</summary>
    internal static bool HasLabel(Probe probe) => FindLabel(new(probe.Source)) is not null;

    private static LvmLabel? FindLabel(Probe probe)
    {
        byte[] sector = new byte[LvmLabel.SectorSize];
        for (int number = 0; number < LvmLabel.SectorsSearched; number++)
        {
            long at = number * LvmLabel.SectorSize;
            if (!probe.TryRead(at, sector, LabelStructure) || !LvmLabel.HasMagic(sector)) continue;
            FieldFault fault = LvmLabel.TryOpen(sector, number, out LvmLabel? label);
            if (fault.IsNone) return label;
            probe.Faults.Add(fault.At(probe, at, sector.Length, LabelStructure));
        }

        return null;
    }

    /// <summary>
    /// The label is gone or damaged, but the metadata behind it may be sound; they lie where LVM always puts them.
    /// Which of its group's volumes this is follows from what else is found.
    /// </summary>
    private static LvmFound? FindWithoutLabel(Probe probe)
    {
        var attempt = new Probe(probe.Source);
        LvmVolumeGroup? group = ReadGroup(attempt, FirstAreaStart);
        if (group is null) return null;
        probe.MissesAreFaults(LayoutFaultEffect.Recovered);
        for (int i = 0; i < probe.Faults.Count; i++)
        {
            probe.Faults[i] = probe.Faults[i] with { Effect = LayoutFaultEffect.Recovered };
        }

        return new(null, group, [new(new(0, FirstAreaStart), "LVM label")]);
    }

    private static LvmVolumeGroup? ReadGroup(Probe probe, long start)
    {
        byte[]? text = LvmMetadataArea.ReadText(probe, start);
        if (text is null) return null;
        FieldFault fault = LvmTextParser.TryParse(text, out LvmSection root);
        LvmVolumeGroup? group = null;
        if (fault.IsNone) fault = LvmVolumeGroup.TryRead(root, out group);
        if (!fault.IsNone) probe.Faults.Add(fault.At(probe, start, text.Length, "LVM metadata"));
        return group;
    }
}
