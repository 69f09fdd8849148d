// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Xfs.Lifecycle;

namespace Holdfast.Daemon.Filesystems;

/// <summary>
/// What a mount says of itself to the notifier. From outside three states can be seen: claimed (the kernel has the
/// device, and no mount shows it yet), structures ready (norecovery: the log was not recovered) and live.
/// </summary>
internal static class MountClaim
{
    internal static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <returns>Null where the device cannot be told, or is gone again.</returns>
    internal static HolderClaim? Of(XfsInKernel at, KernelRoots roots)
    {
        if (BlockDevice.Find(roots, at.Device) is not { } device) return null;
        if (DeviceIdentities.Find(device.Node, roots) is not { } identity) return null;
        if (at.Mount is not { } mount) return Claimed(at, identity, device);
        try
        {
            using MountedXfs xfs = MountedXfs.Open(mount);
            MountedGeometry geometry = xfs.Geometry;
            var ranges = new List<HolderRange>
            {
                new(identity, DeviceRole.Data, new(device.LoopOffset, geometry.DataLength)),
            };
            Add(ranges, DeviceRole.Log, mount.Option("logdev"), geometry.LogBlocks * geometry.BlockSize, roots);
            long realtime = geometry.RealtimeBlocks * geometry.BlockSize;
            Add(ranges, DeviceRole.Realtime, mount.Option("rtdev"), realtime, roots);
            return Claim(at, ranges, xfs.IsUnrecovered ? HolderState.StructuresReady : HolderState.Live, geometry.Uuid);
        }
        catch (KernelRefusal) when (MountedXfs.HasShutDown(mount))
        {
            return OfShutDown(at, mount, identity, device, roots);
        }
        catch (KernelRefusal)
        {
            // Unmounted between two looks, most likely: the next one says.
            return null;
        }
    }

    /// <summary>Under which a mount is claimed.</summary>
    internal static string NameOf(XfsInKernel at) => $"xfs-{at.Name.Replace('!', '-')}";

    private static HolderClaim Claimed(XfsInKernel at, DeviceIdentity identity, BlockDevice device) => new()
    {
        Name = NameOf(at),
        Ranges = [new(identity, DeviceRole.Data, new(device.LoopOffset, 0))],
        State = HolderState.Claimed,
        Lease = Lease,
    };

    /// <summary>The kernel does not say any more how large it is; the device does, and nobody writes to it.</summary>
    private static HolderClaim OfShutDown(
        XfsInKernel at, Mount mount, DeviceIdentity identity, BlockDevice device, KernelRoots roots)
    {
        try
        {
            using var source = DeviceBlockSource.Open(device.Node);
            if (new ClaimedDevices(source).ReadSuperblock(out _) is not { Geometry: var geometry })
            {
                return Claimed(at, identity, device);
            }

            var ranges = new List<HolderRange>
            {
                new(identity, DeviceRole.Data, new(device.LoopOffset, geometry.DataLength)),
            };
            Add(ranges, DeviceRole.Log, mount.Option("logdev"), (long)geometry.LogBlocks * geometry.BlockSize, roots);
            return Claim(at, ranges, HolderState.LogRecovered, geometry.Uuid);
        }
        catch (IOException)
        {
            return Claimed(at, identity, device);
        }
    }

    private static HolderClaim Claim(XfsInKernel at, List<HolderRange> ranges, HolderState state, Guid uuid) => new()
    {
        Name = NameOf(at),
        Ranges = ranges,
        State = state,
        // The kernel does not tell the UUID that metadata is stamped with.
        Filesystem = new("xfs", uuid.ToString(), null),
        Lease = Lease,
    };

    private static void Add(
        List<HolderRange> ranges, DeviceRole role, string? path, long length, KernelRoots roots)
    {
        if (path is null || length == 0 || DeviceIdentities.Find(path, roots) is not { } identity) return;
        ranges.Add(new(identity, role, new(BlockDevice.At(path, roots)?.LoopOffset ?? 0, length)));
    }
}
