// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;

namespace Holdfast.Linux.Stack;

/// <summary>
/// The graph of block devices as sysfs shows it, from one device down to the disks and up to what is mounted. Files
/// under loop devices are part of it, and through them it goes on in the filesystem that they lie in. Read when asked;
/// what goes away meanwhile is left out.
/// </summary>
public sealed class DeviceGraph
{
    /// <summary>Devices on one another beyond this are a mistake, not a machine.</summary>
    internal const int DepthMax = 32;

    private readonly KernelRoots _roots;
    private readonly StackSteps _steps;
    private readonly IReadOnlyList<Mount> _mounts;
    private readonly Dictionary<string, StackNode> _nodes = [];
    private readonly Lazy<(BlockDevice Loop, string Path, FileIdentity File)[]> _loops;

    private DeviceGraph(KernelRoots roots, Func<BlockDevice, string?> tableOf)
    {
        _roots = roots;
        _steps = new(roots, tableOf);
        _mounts = Mount.ReadAll(roots);
        _loops = new(() => [.. BlockDevice.LoopFiles(roots)]);
    }

    /// <param name="path">A block device, or the file under a loop device.</param>
    /// <param name="tableOf">The table of a mapped device, as `dmsetup table` prints it; null where it is not to be
    /// had.</param>
    /// <returns>Null where there is no such device.</returns>
    public static StackNode? Of(string path, KernelRoots roots, Func<BlockDevice, string?> tableOf)
    {
        if (BlockDevice.At(path, roots) is { } device) return Of(device, roots, tableOf);
        // A character device or pipe is a file, too, and carries nothing.
        if (!File.Exists(path) || new FileInfo(path).Length == 0 || FileIdentity.Of(path) is not { } file) return null;
        var graph = new DeviceGraph(roots, tableOf);
        return graph.Around(graph._steps.Of(Path.GetFullPath(path), file));
    }

    /// <inheritdoc cref="Of(string, KernelRoots, Func{BlockDevice, string?})"/>
    public static StackNode Of(BlockDevice device, KernelRoots roots, Func<BlockDevice, string?> tableOf)
    {
        var graph = new DeviceGraph(roots, tableOf);
        return graph.Around(graph._steps.Of(device));
    }

    private StackNode Around(StackMember member)
    {
        StackNode node = Down(member, 0);
        Up(node, 0);
        return node;
    }

    private StackNode Down(StackMember member, int depth)
    {
        if (_nodes.TryGetValue(member.Name, out StackNode? known)) return known;
        StackNode node = NodeOf(member);
        _nodes[member.Name] = node;
        if (depth >= DepthMax)
        {
            node.Opaque = "more devices on one another than there can be";
            return node;
        }

        StackStep step = member.Below();
        node.Layer = step.Layer;
        node.Opaque = step.Opaque;
        node.Missing = step.Missing;
        node.Below = [.. step.Members.Select(below => below is null ? null : Down(below, depth + 1))];
        return node;
    }

    private StackNode NodeOf(StackMember member)
    {
        if (member.Device is not { } device) return new(member.Name, member.Kind, member.Size());
        Mount? mount = _mounts.FirstOrDefault(at => at.Device == device.Number);
        return new(member.Name, member.Kind, member.Size())
        {
            Device = device,
            Identity = DeviceIdentities.Of(device, _roots).Identity,
            Label = device.MappedName,
            Mounted = mount is null ? null : $"{mount.FileSystemType} mounted at {mount.MountPoint}",
        };
    }

    private void Up(StackNode node, int depth)
    {
        if (depth >= DepthMax || node.Above.Count > 0) return;
        var found = new List<StackNode>();
        foreach (StackMember member in Above(node).DistinctBy(at => at.Name))
        {
            StackNode child = Down(member, 0);
            found.Add(child);
            Up(child, depth + 1);
        }

        node.Above = found;
    }

    private IEnumerable<StackMember> Above(StackNode node)
    {
        if (node.Device is not { } device)
        {
            return FileIdentity.Of(node.Name) is { } file
                ? _loops.Value.Where(at => at.File == file).Select(at => _steps.Of(at.Loop))
                : [];
        }

        IEnumerable<BlockDevice> devices = device.Partitions.Concat(device.Holders)
            .Concat(_loops.Value.Where(at => at.File.Device == device.Number).Select(at => at.Loop));
        // The files in its filesystem that carry something.
        IEnumerable<(BlockDevice Loop, string Path, FileIdentity File)> images = _loops.Value
            .Where(at => at.File.Device is null && at.File.LiesOn == device.Number).DistinctBy(at => at.File);
        return [.. devices.Select(_steps.Of), .. images.Select(at => _steps.Of(at.Path, at.File))];
    }
}
