// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;

namespace Holdfast.Linux.Stack;

/// <summary>
/// The graph of block devices as sysfs shows it, from one device down to the disks and up to what is mounted. Read when
/// asked; what goes away meanwhile is left out.
/// </summary>
public sealed class DeviceGraph
{
    /// <summary>Devices on one another beyond this are a mistake, not a machine.</summary>
    private const int DepthMax = 32;

    private readonly KernelRoots _roots;
    private readonly Func<BlockDevice, string?> _tableOf;
    private readonly IReadOnlyList<Mount> _mounts;
    private readonly Dictionary<string, StackNode> _nodes = [];

    private DeviceGraph(KernelRoots roots, Func<BlockDevice, string?> tableOf)
    {
        _roots = roots;
        _tableOf = tableOf;
        _mounts = Mount.ReadAll(roots);
    }

    /// <param name="path">A block device, or the file under a loop device.</param>
    /// <param name="tableOf">The table of a mapped device, as `dmsetup table` prints it; null where it is not to be
    /// had.</param>
    /// <returns>Null where there is no such device.</returns>
    public static StackNode? Of(string path, KernelRoots roots, Func<BlockDevice, string?> tableOf)
    {
        var graph = new DeviceGraph(roots, tableOf);
        if (BlockDevice.At(path, roots) is { } device)
        {
            StackNode node = graph.Down(device, 0);
            graph.Up(node, 0);
            return node;
        }

        if (FileIdentity.Of(path) is not { } file || !File.Exists(path)) return null;
        var image = new StackNode(Path.GetFullPath(path), "file", new FileInfo(path).Length);
        graph.Up(image, BlockDevice.LoopsOver(roots, file), 0);
        // A character device or pipe is a file, too, and carries nothing.
        return image.Size > 0 ? image : null;
    }

    private StackNode Down(BlockDevice device, int depth)
    {
        if (_nodes.TryGetValue(device.Name, out StackNode? known)) return known;
        StackNode node = NodeOf(device);
        _nodes[device.Name] = node;
        if (depth >= DepthMax) node.Opaque = "more devices on one another than there can be";
        else if (device.PartitionNumber is not null && device.Disk is { } disk) OnDisk(node, device, disk, depth);
        else if (device.IsLoop) OnFile(node, device, depth);
        else if (device.IsRaid) OnArray(node, device, depth);
        else if (device.MappedName is not null) OnTable(node, device, depth);
        return node;
    }

    private StackNode NodeOf(BlockDevice device)
    {
        string kind = device.PartitionNumber is not null ? "partition"
            : device.IsLoop ? "loop"
            : device.IsRaid ? device.RaidLevel ?? "md"
            : device.MappedName is not null ? "device-mapper"
            : "disk";
        Mount? mount = _mounts.FirstOrDefault(at => at.Device == device.Number);
        return new(device.Node, kind, device.Size)
        {
            Device = device,
            Identity = DeviceIdentities.Find(device.Node, _roots)?.Identity,
            Label = device.MappedName,
            Mounted = mount is null ? null : $"{mount.FileSystemType} mounted at {mount.MountPoint}",
        };
    }

    private void OnDisk(StackNode node, BlockDevice device, BlockDevice disk, int depth)
    {
        node.Layer = new LinearLayer("partition", [new(0, device.Size ?? 0, 0, device.PartitionStart)]);
        node.Below = [Down(disk, depth + 1)];
    }

    private void OnFile(StackNode node, BlockDevice device, int depth)
    {
        if (device.BackingFile is not { } path) return;
        node.Layer = new LinearLayer("loop", [new(0, device.Size ?? 0, 0, device.LoopOffset)]);
        if (BlockDevice.At(path, _roots) is { } below)
        {
            node.Below = [Down(below, depth + 1)];
            return;
        }

        var file = new StackNode(path, "file", File.Exists(path) ? new FileInfo(path).Length : null);
        if (FileIdentity.Of(path)?.LiesOn is { } number && BlockDevice.Find(_roots, number) is { } host)
        {
            file.Below = [Down(host, depth + 1)];
            file.Opaque = "a file: which bytes of the device it has the filesystem there says";
        }

        node.Below = [file];
    }

    private void OnArray(StackNode node, BlockDevice device, int depth)
    {
        RaidArray array = device.ReadArray();
        node.Layer = array.Layer;
        node.Opaque = array.Opaque;
        node.Missing = array.Missing;
        node.Below =
        [
            .. array.Members.Select(name => name is not null && BlockDevice.Find(_roots, name) is { } member
                ? Down(member, depth + 1)
                : null),
        ];
    }

    private void OnTable(StackNode node, BlockDevice device, int depth)
    {
        if (_tableOf(device) is not { } text)
        {
            node.Opaque = "its table cannot be read";
            node.Below = [.. device.Members.Select(member => Down(member, depth + 1))];
            return;
        }

        MapperTable table = MapperTable.Parse(text);
        node.Layer = table.Layer;
        node.Opaque = table.Opaque is { } target ? $"{target}: where its bytes lie cannot be followed" : null;
        node.Below =
        [
            .. table.Members.Select(number => BlockDevice.Find(_roots, number) is { } member
                ? Down(member, depth + 1)
                : null),
        ];
    }

    private void Up(StackNode node, int depth)
    {
        if (node.Device is not { } device) return;
        IEnumerable<BlockDevice> above = device.Partitions.Concat(device.Holders);
        if (FileIdentity.Of(device.Node) is { } identity) above = above.Concat(BlockDevice.LoopsOver(_roots, identity));
        Up(node, above, depth);
    }

    private void Up(StackNode node, IEnumerable<BlockDevice> above, int depth)
    {
        if (depth >= DepthMax) return;
        var found = new List<StackNode>();
        foreach (BlockDevice device in above.DistinctBy(at => at.Name))
        {
            StackNode child = Down(device, 0);
            found.Add(child);
            Up(child, depth + 1);
        }

        node.Above = found;
    }
}
