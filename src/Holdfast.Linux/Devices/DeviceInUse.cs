// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Devices;

/// <summary>
/// Is a target in use, so that its bytes are older than what the kernel holds in memory? Looks at mounts, swap, devices
/// that stand on it and exclusive holders: of the device itself, of its partitions, of everything stacked on them, and
/// of loop devices over it.
/// </summary>
public sealed class DeviceInUse
{
    /// <summary>More devices than this on one another are a mistake, not a machine.</summary>
    private const int DevicesMax = 4096;

    private readonly string _target;
    private readonly KernelRoots _roots;
    private readonly IReadOnlyList<Mount> _mounts;
    private readonly HashSet<DeviceNumber> _swap;

    private DeviceInUse(string target, KernelRoots roots)
    {
        _target = target;
        _roots = roots;
        _mounts = Mount.ReadAll(roots);
        _swap = [.. Swap.ReadAll(roots)];
    }

    /// <returns>Null where nothing is known to use it, or where there is no such file.</returns>
    public static DeviceUse? Find(string path, KernelRoots roots) =>
        FileIdentity.Of(path) is { } identity ? new DeviceInUse(path, roots).Find(identity) : null;

    private DeviceUse? Find(FileIdentity identity)
    {
        if (identity.Device is { } number)
        {
            DeviceUse? use = Mounted(number, null);
            if (use is null && BlockDevice.Find(_roots, number) is { } device) use = OfDevice(device, null);
            use ??= HeldExclusively(_target);
            if (use is not null) return use;
        }

        foreach (BlockDevice loop in BlockDevice.LoopsOver(_roots, identity))
        {
            if ((OfDevice(loop, loop) ?? HeldExclusively(loop.Node)) is { } use) return use;
        }

        return null;
    }

    /// <summary>The device and all that stands on it: first who has it mounted, then who holds it.</summary>
    private DeviceUse? OfDevice(BlockDevice device, BlockDevice? loop)
    {
        var stack = new List<BlockDevice> { device };
        BlockDevice? holder = null;
        for (int i = 0; i < stack.Count && stack.Count < DevicesMax; i++)
        {
            foreach (BlockDevice inner in stack[i].Holders)
            {
                holder ??= inner;
                Add(inner);
            }

            foreach (BlockDevice inner in stack[i].Partitions) Add(inner);
        }

        void Add(BlockDevice inner)
        {
            if (!stack.Exists(d => d.Number == inner.Number)) stack.Add(inner);
        }

        foreach (BlockDevice one in stack)
        {
            BlockDevice? through = one.Number == device.Number ? loop : one;
            if ((Mounted(one.Number, through) ?? Swapping(one, through)) is { } use) return use;
        }

        return holder is null ? null : Holding(holder);
    }

    private DeviceUse? Mounted(DeviceNumber number, BlockDevice? through)
    {
        Mount? mount = _mounts.FirstOrDefault(m => m.Device == number);
        return mount is null ? null : new(
            $"{_target} is mounted at {mount.MountPoint}{Through(through)}: the kernel's memory is newer than the disk",
            $"unmount it first (umount {Quoted(mount.MountPoint)}), or give a snapshot or a copy");
    }

    private DeviceUse? Swapping(BlockDevice device, BlockDevice? through)
    {
        if (!_swap.Contains(device.Number)) return null;
        string advice = $"give the part of it that holds XFS, or swapoff {device.Node}";
        return new($"{_target} is in use as swap{Through(through)}", advice);
    }

    private DeviceUse Holding(BlockDevice holder)
    {
        if (holder.MappedName is { } name)
        {
            string mapped = Path.Combine(_roots.Dev, "mapper", name);
            string advice = $"give {mapped} instead, or deactivate it first (dmsetup remove {name})";
            return new($"{_target} is held by {mapped}", advice);
        }

        string stop = holder.IsRaid ? $", or stop it first (mdadm --stop {holder.Node})" : "";
        return new($"{_target} is held by {holder.Node}", $"give {holder.Node} instead{stop}");
    }

    /// <summary>The kernel's own answer, which also knows what other mount namespaces have mounted.</summary>
    private DeviceUse? HeldExclusively(string node)
    {
        using SafeFileHandle handle = Native.Open(node, Native.O_RDONLY | Native.O_EXCL | Native.O_CLOEXEC);
        if (!handle.IsInvalid || Marshal.GetLastPInvokeError() != Native.EBUSY) return null;
        string by = node == _target ? "" : $" ({node})";
        return new(
            $"{_target}{by} is held exclusively: a filesystem, perhaps in a container, or another program has it open",
            "end that first (fuser -v and findmnt -A name it), or give a snapshot or a copy");
    }

    private static string Quoted(string path) =>
        path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;

    private static string Through(BlockDevice? device) => device is null ? "" : $" through {device.Node}";
}
