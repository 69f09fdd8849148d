// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Layouts;

/// <summary>Makes the nodes of one volume group and of its logical volumes.</summary>
internal sealed class LvmGroupNodes
{
    private readonly LvmVolumeGroup _group;
    private readonly IReadOnlyDictionary<string, LayoutNode> _found;
    private readonly Dictionary<string, MissingBlockSource> _missing = [];
    private readonly Dictionary<string, LvmLogicalVolume> _mirrors = [];
    private readonly HashSet<string> _snapshotChanges;
    private readonly LvmMapping _mapping;

    internal LvmGroupNodes(LvmVolumeGroup group, IReadOnlyDictionary<string, LayoutNode> found)
    {
        _group = group;
        _found = found;
        _mapping = new(group, SourceOf);
        _snapshotChanges = [.. group.LogicalVolumes.Select(v => v.ChangesOfSnapshot).OfType<string>()];
        foreach (LvmLogicalVolume volume in group.LogicalVolumes)
        {
            foreach (string copy in volume.Copies) _mirrors.TryAdd(copy, volume);
        }
    }

    internal LayoutNode Build(Func<string, string> unique, Func<int, bool> tryReserve, List<LayoutFault> faults)
    {
        var node = new LayoutNode(
            LayoutKind.VolumeGroup, unique(_group.Name), $"LVM volume group of {_group.PhysicalVolumes.Count}", null)
        {
            Uuid = _group.Uuid,
        };
        if (tryReserve(_group.LogicalVolumes.Count))
        {
            foreach (LvmLogicalVolume volume in _group.LogicalVolumes) AddVolume(node, volume, unique, faults);
        }
        else
        {
            faults.Add(new(_group.Name, 0, 0, "LVM volume group", "logical volumes", "", "there are too many"));
        }

        node.AddFaults(faults);
        return node;
    }

    private void AddVolume(
        LayoutNode group, LvmLogicalVolume volume, Func<string, string> unique, List<LayoutFault> faults)
    {
        string name = unique($"{group.Name}/{volume.Name}");
        string? opaque = WhyOpaque(volume);
        MappedBlockSource? source = null;
        if (opaque is null && (source = _mapping.TryMap(volume, name, out string problem)) is null)
        {
            opaque = problem;
            faults.Add(new(_group.Name, 0, 0, "LVM logical volume", volume.Name, string.Empty, problem));
        }

        bool isCopy = _mirrors.TryGetValue(volume.Name, out LvmLogicalVolume? mirror);
        LayoutNode[] below = source is null ? [] : [.. _found.Values.Where(n => source.Parents.Contains(n.Source))];
        string[] missing = source is null ? [] : [.. MissingIn(source)];
        _ = new LayoutNode(LayoutKind.LogicalVolume, name, Describe(volume, mirror, missing), group)
        {
            Uuid = volume.Uuid,
            Source = source,
            Opaque = opaque,
            Missing = missing,
            IsInternal = !volume.IsVisible && !isCopy,
            Redundancy = isCopy
                ? $"{mirror!.OpaqueType}: {_group.Name}/{mirror.Name} has {mirror.Copies.Count} copies"
                : RedundancyOf(source, below),
            Below = below,
            CopyGroup = isCopy ? $"lv {mirror!.Uuid}" : null,
        };
    }

    private string? WhyOpaque(LvmLogicalVolume volume)
    {
        if (volume.Problem is { } problem) return $"its metadata make no sense: {problem}";
        if (_snapshotChanges.Contains(volume.Name)) return "LVM snapshot: its content is partly in its origin";
        return volume.OpaqueType switch
        {
            null => null,
            "raid1" or "mirror" =>
                $"LVM {volume.OpaqueType}: read one of its copies, {string.Join(" or ", Copies(volume))}",
            string type => $"LVM {type} is not read offline: activate it and give its device",
        };
    }

    private IEnumerable<string> Copies(LvmLogicalVolume volume) => volume.Copies.Select(c => $"{_group.Name}/{c}");

    private string Describe(LvmLogicalVolume volume, LvmLogicalVolume? mirror, string[] missing)
    {
        string type = volume.OpaqueType ?? (volume.Segments.Any(s => s.Stripes.Count > 1) ? "striped" : "linear");
        string part = mirror is not null ? $", copy of {_group.Name}/{mirror.Name}"
            : volume.IsVisible ? string.Empty
            : ", internal";
        string needs = missing.Length == 0 ? string.Empty : $", needs PV uuid {string.Join(" and ", missing)}";
        return $"logical volume ({type}{part}{needs})";
    }

    private IEnumerable<string> MissingIn(MappedBlockSource source) => _group.PhysicalVolumes.Values
        .Where(v => _missing.TryGetValue(v.Uuid, out MissingBlockSource? gone) && source.Parents.Contains(gone))
        .Select(v => v.Uuid);

    /// <summary>Copies below count where every byte has them.</summary>
    private static string? RedundancyOf(MappedBlockSource? source, LayoutNode[] below) =>
        below.Length == source?.Parents.Count && Array.TrueForAll(below, n => n.Redundancy is not null)
            ? below[0].Redundancy
            : null;

    private IBlockSource SourceOf(LvmPhysicalVolume volume)
    {
        if (_found.TryGetValue(volume.Uuid, out LayoutNode? node)) return node.Source!;
        if (_missing.TryGetValue(volume.Uuid, out MissingBlockSource? missing)) return missing;
        return _missing[volume.Uuid] = new($"PV {volume.Uuid} (not given)", volume.DeviceSize);
    }
}
