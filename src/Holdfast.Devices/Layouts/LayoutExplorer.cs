// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// Explores a layout, one node at a time from a queue: what is found on a node becomes further nodes. Physical volumes
/// wait until all nodes have been looked at, for their groups may span them; the logical volumes are then looked at in
/// turn. Depth and number of nodes are bounded.
/// </summary>
internal sealed class LayoutExplorer(Func<IBlockSource, bool> isFilesystem)
{
    private const int DepthMax = 8;
    private const int NodesMax = 1 << 16;

    /// <summary>Everything that tells what a volume holds begins in its first bytes, or at its end.</summary>
    private const int HeadSize = 65536;

    private readonly Queue<LayoutNode> _waiting = new();
    private readonly Dictionary<string, int> _names = [];
    private readonly LvmAssembler _lvm = new();
    private int _nodeCount;

    internal LayoutTree Explore(IReadOnlyList<IBlockSource> sources)
    {
        var disks = new List<LayoutNode>();
        foreach (IBlockSource source in sources)
        {
            string name = disks.Count == 0 ? "disk" : $"disk{disks.Count + 1}";
            disks.Add(new(LayoutKind.Disk, Unique(name), source.Name, null) { Source = source });
            _waiting.Enqueue(disks[^1]);
        }

        var groups = new List<LayoutNode>();
        do
        {
            while (_waiting.TryDequeue(out LayoutNode? node)) Look(node);
            foreach (LayoutNode group in _lvm.Assemble(Unique, TryReserve))
            {
                groups.Add(group);
                foreach (LayoutNode volume in group.Children)
                {
                    if (volume.Source is not null && !volume.IsInternal) Enqueue(volume);
                }
            }
        }
        while (_waiting.Count > 0 || _lvm.IsUnfinished);

        _lvm.ReportUnused();
        return new(disks, groups);
    }

    private void Enqueue(LayoutNode node)
    {
        if (node.Depth > DepthMax)
        {
            string name = node.Source!.Name;
            node.AddFaults(new LayoutFault(name, 0, 0, "layout", "depth", "", "volumes are nested too deep"));
            return;
        }

        _waiting.Enqueue(node);
    }

    /// <summary>A table that names itself in each of its partitions would otherwise grow without end.</summary>
    private bool TryReserve(int nodes)
    {
        if (nodes > NodesMax - _nodeCount) return false;
        _nodeCount += nodes;
        return true;
    }

    private void Look(LayoutNode node)
    {
        var probe = new Probe(node.Source!);
        bool isKnown = TryMd(node, probe) || TryFilesystem(node) || TryTable(node, probe) || TryLvm(node, probe)
            || TryForeign(node);
        if (!isKnown && probe.Misses.Count > 0)
        {
            // What begins with a bad sector can be anything. What could only be at the end hides nothing: a mirror with
            // its superblock there shows its content at the start, and so does a disk its primary table.
            if (probe.Misses.Exists(m => m.Offset == 0)) node.Content = LayoutContent.Unreadable;
            probe.Misses.RemoveAll(m => m.Offset >= HeadSize);
            probe.MissesAreFaults(LayoutFaultEffect.Incomplete);
        }

        node.AddFaults(probe.Faults);
    }

    /// <summary>First of all: with metadata at its end, an md member looks like what is inside it.</summary>
    private bool TryMd(LayoutNode node, Probe probe)
    {
        MdMember? member = MdReader.Find(probe);
        if (member is null || (member.Version == "0.90" && BelongsToLastPartition(node, member))) return false;
        node.Content = LayoutContent.MdMember;
        node.ContentName = member.Describe();
        node.AddAreas([new(member.Superblock, "md superblock"), new(member.BadBlockLog, "md bad block log")]);
        string name = Unique(node.Kind == LayoutKind.Disk && node.Name == "disk" ? "md" : $"{node.Name}/md");
        bool isReadable = member.IsReadable && member.Data.Length is > 0 and <= MappedSegment.LengthMax
            && member.Data.Offset <= MappedSegment.LengthMax;
        var child = new LayoutNode(LayoutKind.MdArray, name, member.Describe(), node)
        {
            Source = isReadable ? ViewOf(member, node.Source!, name, probe) : null,
            Opaque = isReadable ? null : member.WhyOpaque() ?? "md raid1 with an impossible data area",
            Uuid = member.Uuid,
            Redundancy = member.Redundancy(),
            CopyGroup = $"md {member.Uuid}",
        };
        if (child.Source is not null) Enqueue(child);
        return true;
    }

    private static MappedBlockSource ViewOf(MdMember member, IBlockSource source, string name, Probe probe)
    {
        ByteRangeSet bad = MdReader.ReadBadBlocks(probe, member);
        if (!bad.IsEmpty)
        {
            probe.Faults.Add(probe.At(
                member.BadBlockLog.Offset, member.BadBlockLog.Length, "md bad block log", "bad blocks",
                $"{bad.TotalLength} bytes of this member are bad by the array's own list"));
        }

        if (member.Recovered < member.Data.Length)
        {
            bad = bad.Union(ByteRangeSet.From([ByteRange.FromTo(member.Recovered, member.Data.Length)]));
            probe.Faults.Add(probe.At(
                member.Superblock.Offset, member.Superblock.Length, "md superblock", "recovery_offset",
                $"only the first {member.Recovered} bytes were rebuilt on this member"));
        }

        ReportEnd(member.Data, source, "md data area", probe);
        return new($"{source.Name}: {name}", [MappedSegment.Linear(0, member.Data.Length, source, member.Data.Offset)])
        {
            Distrusted = bad,
        };
    }

    /// <summary>
    /// Version 0.90 does not say where it lies, so that the superblock of a last partition is found from the whole disk
    /// too. The size tells: an array of whole disks is larger than any partition.
    /// </summary>
    private bool BelongsToLastPartition(LayoutNode node, MdMember member)
    {
        if (node.Kind == LayoutKind.Partition) return false;
        PartitionTable? table = PartitionTableReader.Read(new(node.Source!), IsKnown);
        return table is not null && table.Partitions.Any(p =>
            p.Range.Offset <= member.Superblock.Offset && member.Superblock.End <= p.Range.End
            && member.Data.Length <= MdSuperblock090.PlaceOn(p.Range.Length));
    }

    private bool TryFilesystem(LayoutNode node)
    {
        if (!isFilesystem(node.Source!)) return false;
        node.Content = LayoutContent.Filesystem;
        return true;
    }

    private static bool TryForeign(LayoutNode node)
    {
        if (ContentSignature.Find(node.Source!) is not { } name) return false;
        node.Content = LayoutContent.Foreign;
        node.ContentName = name;
        return true;
    }

    /// <summary>Partitions are not divided further: what looks like a table there is some boot code.</summary>
    private bool TryTable(LayoutNode node, Probe probe)
    {
        if (node.Kind == LayoutKind.Partition) return false;
        PartitionTable? table = PartitionTableReader.Read(probe, IsKnown);
        if (table is null) return false;
        node.AddAreas(table.Areas);
        if (TryReserve(table.Partitions.Count))
        {
            foreach (Partition partition in table.Partitions) AddPartition(node, table, partition, probe);
        }
        else
        {
            probe.Faults.Add(probe.At(0, 0, "layout", "partitions", "there are too many"));
        }

        // An empty table can lie in front of something that was put over it.
        if (table.Partitions.Count == 0 && probe.Faults.Count == 0) return false;
        node.Content = LayoutContent.PartitionTable;
        node.ContentName = $"{table.Scheme} partition table";
        return true;
    }

    private void AddPartition(LayoutNode disk, PartitionTable table, Partition partition, Probe probe)
    {
        string prefix = disk.Name == "disk" ? string.Empty : $"{disk.Name}/";
        string name = Unique($"{prefix}p{partition.Number}");
        string label = partition.Label.Length == 0 ? string.Empty : $", \"{partition.Label}\"";
        string description = $"partition {partition.Number} ({table.Scheme}, {partition.Type}{label})";
        bool isThere = !partition.Range.IsEmpty && partition.Range.Offset < disk.Source!.Length;
        if (!partition.Range.IsEmpty) ReportEnd(partition.Range, disk.Source!, $"partition {partition.Number}", probe);
        var node = new LayoutNode(LayoutKind.Partition, name, description, disk)
        {
            Uuid = partition.Uuid,
            Opaque = isThere ? null : "it lies past the end of the disk",
            Source = isThere ? PartitionView(disk, name, partition) : null,
        };
        if (isThere) Enqueue(node);
    }

    private static MappedBlockSource PartitionView(LayoutNode disk, string name, Partition partition) => new(
        $"{disk.Source!.Name}: {name}",
        [MappedSegment.Linear(0, partition.Range.Length, disk.Source!, partition.Range.Offset)]);

    private bool TryLvm(LayoutNode node, Probe probe)
    {
        LvmFound? found = LvmReader.Find(probe);
        if (found is null) return false;
        node.Content = LayoutContent.PhysicalVolume;
        node.ContentName = found.Group is null ? "LVM physical volume" : $"LVM physical volume of {found.Group.Name}";
        node.AddAreas(found.Areas);
        _lvm.Add(node, found);
        return true;
    }

    /// <summary>A cut-off image: the volume keeps its length, and what is missing of it cannot be read.</summary>
    private static void ReportEnd(ByteRange range, IBlockSource source, string structure, Probe probe)
    {
        if (range.End <= source.Length) return;
        probe.Faults.Add(new(
            source.Name, range.Offset, range.Length, structure, "end", $"at most {source.Length}", $"{range.End}"));
    }

    private bool IsKnown(IBlockSource source)
    {
        var probe = new Probe(source);
        return isFilesystem(source) || ContentSignature.Find(source) is not null || LvmReader.HasLabel(probe)
            || MdReader.Find(probe) is not null;
    }

    private string Unique(string name)
    {
        string unique = name;
        while (!_names.TryAdd(unique, 1)) unique = $"{name}#{++_names[name]}";
        return unique;
    }
}
