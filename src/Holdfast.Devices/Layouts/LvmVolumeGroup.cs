// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>A physical volume as its group's metadata know it; sizes in bytes.</summary>
/// <param name="Key">Its name inside the metadata: "pv0".</param>
/// <param name="Start">Where its first extent begins.</param>
internal sealed record LvmPhysicalVolume(
    string Key, string Uuid, long DeviceSize, long Start, long ExtentCount, bool IsMissing);

/// <summary>
/// A volume group by one copy of its metadata, which <see cref="Sequence"/> counts. Extents in bytes.
/// </summary>
internal sealed record LvmVolumeGroup(
    string Name, string Uuid, long Sequence, long ExtentSize,
    IReadOnlyDictionary<string, LvmPhysicalVolume> PhysicalVolumes, IReadOnlyList<LvmLogicalVolume> LogicalVolumes)
{
    private const int SectorSize = 512;

    /// <summary>LVM counts extents and their sectors in 32 bits.</summary>
    private const long CountMax = uint.MaxValue;

    private const long DeviceSectorsMax = long.MaxValue / SectorSize / 2;

    /// <summary>
    /// Reads a group out of its text. What is wrong within one logical volume is that volume's matter.
    /// </summary>
    internal static FieldFault TryRead(LvmSection text, out LvmVolumeGroup? group)
    {
        group = null;
        LvmSection? section = text.Sections.FirstOrDefault(s => s.Section("physical_volumes") is not null);
        if (section is null) return FieldFault.Bad("physical_volumes", "the text describes no volume group");
        if (section.Text("id") is not { } id) return FieldFault.Bad("id", "the volume group has none");
        if (section.Number("seqno") is not ({ } sequence and >= 0)) return FieldFault.Bad("seqno", "there is none");
        if (section.Number("extent_size") is not ({ } extentSectors and > 0 and <= CountMax))
        {
            return FieldFault.Bad("extent_size", $"{section.Number("extent_size")}");
        }

        var physical = new Dictionary<string, LvmPhysicalVolume>();
        foreach (LvmSection volume in section.Section("physical_volumes")!.Sections)
        {
            FieldFault fault = TryReadPhysical(volume, out LvmPhysicalVolume? found);
            if (!fault.IsNone) return fault;
            physical.TryAdd(volume.Name, found!);
        }

        IEnumerable<LvmSection> logical = section.Section("logical_volumes")?.Sections ?? [];
        group = new(
            Printable.Of(section.Name), id, sequence, extentSectors * SectorSize, physical,
            [.. logical.Select(LvmLogicalVolume.Read)]);
        return FieldFault.None;
    }

    private static FieldFault TryReadPhysical(LvmSection volume, out LvmPhysicalVolume? found)
    {
        found = null;
        if (volume.Text("id") is not { } id) return FieldFault.Bad($"{volume.Name}/id", "there is none");
        long? start = volume.Number("pe_start");
        long? count = volume.Number("pe_count");
        // Old groups lack the size.
        long size = volume.Number("dev_size") ?? 0;
        if (start is not (>= 0 and <= DeviceSectorsMax)) return FieldFault.Bad($"{volume.Name}/pe_start", $"{start}");
        if (count is not (>= 0 and <= CountMax)) return FieldFault.Bad($"{volume.Name}/pe_count", $"{count}");
        if (size is < 0 or > DeviceSectorsMax) return FieldFault.Bad($"{volume.Name}/dev_size", $"{size}");
        bool isMissing = volume.HasFlag("flags", "MISSING");
        found = new(volume.Name, id, size * SectorSize, start.Value * SectorSize, count.Value, isMissing);
        return FieldFault.None;
    }
}
