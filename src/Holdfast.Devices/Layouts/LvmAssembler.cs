// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// Puts volume groups together from the physical volumes found so far. Groups that are complete come first: a missing
/// volume may lie on a logical volume of another group.
/// </summary>
internal sealed class LvmAssembler
{
    private readonly Dictionary<string, LvmVolumeGroup> _newest = [];
    private readonly Dictionary<string, LayoutNode> _found = [];
    private readonly List<(LayoutNode Node, LvmVolumeGroup Group)> _unlabelled = [];
    private readonly List<(LayoutNode Node, LayoutNode Used)> _duplicates = [];

    /// <summary>Volumes that are in a group: by their metadata, or because they leave that to others.</summary>
    private readonly HashSet<string> _expected = [];
    private readonly HashSet<string> _assembled = [];

    /// <summary>Are there groups that were not assembled yet?</summary>
    internal bool IsUnfinished => _assembled.Count < _newest.Count;

    internal void Add(LayoutNode node, LvmFound found)
    {
        if (found.Group is { } group && (!_newest.TryGetValue(group.Uuid, out LvmVolumeGroup? newest)
            || group.Sequence > newest.Sequence))
        {
            _newest[group.Uuid] = group;
        }

        if (found.Label is null) _unlabelled.Add((node, found.Group!));
        else if (!_found.TryAdd(found.Label.Uuid, node)) _duplicates.Add((node, _found[found.Label.Uuid]));
        else if (found.Group is not null || found.Label.MetadataAreas.Count == 0) _expected.Add(found.Label.Uuid);
    }

    /// <summary>
    /// The groups that can be assembled now, each a node with its volumes; the incomplete ones last of all.
    /// </summary>
    internal List<LayoutNode> Assemble(Func<string, string> unique, Func<int, bool> tryReserve)
    {
        List<LvmVolumeGroup> waiting = [.. _newest.Values.Where(g => !_assembled.Contains(g.Uuid))];
        waiting.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (LvmVolumeGroup group in waiting) Identify(group);
        List<LvmVolumeGroup> ready = waiting.FindAll(IsComplete);
        if (ready.Count == 0) ready = waiting;
        var nodes = new List<LayoutNode>();
        foreach (LvmVolumeGroup group in ready)
        {
            _assembled.Add(group.Uuid);
            List<LayoutFault> faults = Join(group);
            nodes.Add(new LvmGroupNodes(group, _found).Build(unique, tryReserve, faults));
        }

        return nodes;
    }

    /// <summary>In the end: physical volumes that no group took.</summary>
    internal void ReportUnused()
    {
        foreach ((LayoutNode node, LayoutNode used) in _duplicates)
        {
            // Two members of one mirror hold the same volume, as they should.
            if (node.CopyGroup is not null && node.CopyGroup == used.CopyGroup) continue;
            node.AddFaults(Fault(node, "LVM label", "pv_uuid", $"{used.Name} has the same UUID and is used"));
        }

        foreach (string uuid in _expected)
        {
            LayoutNode node = _found[uuid];
            node.AddFaults(Fault(node, "LVM label", "pv_uuid", $"no metadata that were found speak of {uuid}"));
        }
    }

    private bool IsComplete(LvmVolumeGroup group) =>
        group.PhysicalVolumes.Values.All(v => _found.ContainsKey(v.Uuid));

    /// <summary>
    /// Tells which of its group's volumes one without a readable label is: the one that nobody else is, if there is
    /// just one of its size.
    /// </summary>
    private void Identify(LvmVolumeGroup group)
    {
        foreach ((LayoutNode node, LvmVolumeGroup own) in _unlabelled.Where(u => u.Group.Uuid == group.Uuid).ToList())
        {
            LvmPhysicalVolume[] left = [.. group.PhysicalVolumes.Values.Where(v => !_found.ContainsKey(v.Uuid))];
            LvmPhysicalVolume[] fitting = [.. left.Where(v => v.DeviceSize == node.Source!.Length)];
            LvmPhysicalVolume? only = left.Length == 1 ? left[0] : fitting.Length == 1 ? fitting[0] : null;
            _unlabelled.Remove((node, own));
            if (only is not null) _found.Add(only.Uuid, node);
            else node.AddFaults(Fault(node, "LVM label", "pv_uuid", $"which of {group.Name}'s it is cannot be told"));
        }
    }

    /// <summary>Names what is not there, and what is there with a reservation.</summary>
    private List<LayoutFault> Join(LvmVolumeGroup group)
    {
        var faults = new List<LayoutFault>();
        foreach (LvmPhysicalVolume volume in group.PhysicalVolumes.Values)
        {
            _expected.Remove(volume.Uuid);
            if (!_found.TryGetValue(volume.Uuid, out LayoutNode? node))
            {
                faults.Add(new(
                    group.Name, 0, 0, "LVM volume group", "physical volume", "", $"needs PV uuid {volume.Uuid}"));
                continue;
            }

            node.ContentName = $"LVM physical volume of {group.Name}";
            if (!volume.IsMissing) continue;
            node.AddFaults(Fault(
                node, "LVM metadata", "flags", $"{group.Name} calls this volume missing: it may be stale"));
        }

        return faults;
    }

    private static LayoutFault Fault(LayoutNode node, string structure, string field, string found) =>
        new(node.Source!.Name, 0, 0, structure, field, string.Empty, found);
}
