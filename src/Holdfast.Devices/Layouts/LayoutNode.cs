// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;

namespace Holdfast.Devices.Layouts;

/// <summary>What kind of thing a node is.</summary>
public enum LayoutKind
{
    /// <summary>What was given: a whole disk, an image, or any device.</summary>
    Disk,
    Partition,

    /// <summary>The array on a member's data area.</summary>
    MdArray,
    VolumeGroup,
    LogicalVolume,
}

/// <summary>What was found on a node.</summary>
public enum LayoutContent
{
    /// <summary>Nothing that is known here.</summary>
    Unknown,

    /// <summary>The bytes that would tell cannot be had.</summary>
    Unreadable,

    /// <summary>The filesystem that was looked for.</summary>
    Filesystem,
    PartitionTable,
    MdMember,
    PhysicalVolume,

    /// <summary>Something else that has a name: <see cref="LayoutNode.ContentName"/>.</summary>
    Foreign,
}

/// <summary>One disk, partition, array or volume of a layout.</summary>
public sealed class LayoutNode
{
    private readonly List<LayoutNode> _children = [];
    private readonly List<DiskArea> _areas = [];
    private readonly List<LayoutFault> _faults = [];

    internal LayoutNode(LayoutKind kind, string name, string description, LayoutNode? parent)
    {
        Kind = kind;
        Name = name;
        Description = description;
        Parent = parent;
        Depth = parent is null ? 0 : parent.Depth + 1;
        parent?._children.Add(this);
    }

    public LayoutKind Kind { get; }

    /// <summary>
    /// Unique in its tree and the same on every run, for people to choose by: "p2", "vg0/root", "p3/md".
    /// </summary>
    public string Name { get; }

    /// <summary>For people: <c>partition 2 (GPT, Linux LVM, "data")</c>.</summary>
    public string Description { get; }

    /// <summary>In the form that the usual tools print; empty where there is none.</summary>
    public string Uuid { get; internal init; } = string.Empty;

    /// <summary>What this lies in; null for disks and volume groups.</summary>
    public LayoutNode? Parent { get; }

    public IReadOnlyList<LayoutNode> Children => _children;

    /// <summary>
    /// The bytes; null where they cannot be read from what was given, and <see cref="Opaque"/> says why.
    /// </summary>
    public IBlockSource? Source { get; internal init; }

    /// <summary>Why the content is not readable here; null where it is.</summary>
    public string? Opaque { get; internal init; }

    public LayoutContent Content { get; internal set; }

    /// <summary>What was found, as a word: "LVM physical volume of vg0", "ext2/3/4".</summary>
    public string ContentName { get; internal set; } = string.Empty;

    /// <summary>
    /// Where the bytes exist a second time, in words; null where no layer down to the disk has copies.
    /// </summary>
    public string? Redundancy
    {
        get => field ?? Parent?.Redundancy;
        internal init;
    }

    /// <summary>
    /// Physical volumes (by UUID) that hold a part of this and were not given. The source reads what is there; the rest
    /// cannot be read.
    /// </summary>
    public IReadOnlyList<string> Missing { get; internal init; } = [];

    public bool IsFilesystem => Content == LayoutContent.Filesystem;

    /// <summary>Can this be chosen as a volume: is it readable, and nothing further inside it?</summary>
    public bool IsVolume => Source is not null && !IsInternal && Kind != LayoutKind.VolumeGroup
        && Content is not (LayoutContent.PartitionTable or LayoutContent.MdMember or LayoutContent.PhysicalVolume);

    /// <summary>Bytes of this node that its own layer uses for itself, and what for.</summary>
    public IReadOnlyList<DiskArea> Areas => _areas;

    /// <summary>What is wrong with the structures on this node: they lead to its children.</summary>
    public IReadOnlyList<LayoutFault> Faults => _faults;

    /// <summary>A part of another volume's machinery, which only shows itself to who asks for it by name.</summary>
    internal bool IsInternal { get; init; }

    /// <summary>
    /// The same for all copies of the same bytes, so that they count as one filesystem; null if alone.
    /// </summary>
    internal string? CopyGroup
    {
        get => field ?? (Parent?.CopyGroup is { } group ? $"{group}/{Name[(Name.LastIndexOf('/') + 1)..]}" : null);
        init;
    }

    /// <summary>For a logical volume: the nodes of the physical volumes it lies on.</summary>
    internal IReadOnlyList<LayoutNode> Below { get; init; } = [];

    /// <summary>Layers between this and the disk.</summary>
    internal int Depth { get; }

    /// <summary>
    /// Ranges of a device that was given, clipped to this node and translated into it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The node has no source.</exception>
    public TranslatedRanges FromDevice(IBlockSource device, ByteRangeSet ranges)
    {
        if (Readable() is MappedBlockSource mapped) return mapped.FromDevice(device, ranges);
        if (!ReferenceEquals(Source, device)) return new(ByteRangeSet.Empty, ranges, ByteRangeSet.Empty);
        var inside = ByteRangeSet.From(ranges.Within(new(0, Source!.Length)));
        return new(inside, RangeMerge.Except(ranges, inside), ByteRangeSet.Empty);
    }

    /// <summary>Where bytes of this node lie on the devices that were given, in the node's order.</summary>
    /// <exception cref="InvalidOperationException">The node has no source.</exception>
    public IEnumerable<DeviceRange> ToDevices(ByteRange range) => Readable() is MappedBlockSource mapped
        ? mapped.ToDevices(range)
        : [new(Source!, range.Intersect(new(0, Source!.Length)))];

    public override string ToString() => $"{Name}: {Description}";

    internal void AddFaults(params IEnumerable<LayoutFault> faults) => _faults.AddRange(faults);

    internal void AddAreas(IEnumerable<DiskArea> areas) => _areas.AddRange(areas);

    private IBlockSource Readable() =>
        Source ?? throw new InvalidOperationException($"{Name} has no source: {Opaque ?? "it is no device"}");
}
