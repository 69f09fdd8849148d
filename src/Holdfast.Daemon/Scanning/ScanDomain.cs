// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Xfs.Lifecycle;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.ReverseMap;

namespace Holdfast.Daemon.Scanning;

/// <summary>
/// What of a device its XFS has in use: of a mounted one by the kernel's map, else from the device, with the log
/// recovered in memory. Where that cannot be known the whole device is read, which harms nobody, and the reason is
/// said.
/// </summary>
internal static class ScanDomain
{
    /// <returns>Null: not known.</returns>
    internal static ByteRangeSet? FindAllocated(
        string device, KernelRoots roots, out string? why, CancellationToken cancellationToken)
    {
        why = null;
        try
        {
            Mount? mount = XfsInKernel.Mounted(device, roots);
            bool isDown = mount is not null && MountedXfs.HasShutDown(mount);
            if (mount is not null && !isDown)
            {
                using MountedXfs xfs = MountedXfs.Open(mount);
                return AllocatedSpace.Of(xfs, cancellationToken);
            }

            if (!isDown && DeviceInUse.Find(device, roots) is { } use) why = use.ToString();
            return why is null ? Parse(device, out why) : null;
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            why = fault.Message;
            return null;
        }
    }

    private static ByteRangeSet? Parse(string device, out string? why)
    {
        using DeviceBlockSource source = DeviceBlockSource.Open(device);
        SuperblockRead? superblock = new ClaimedDevices(source, null).ReadSuperblock(out BlockFault fault);
        why = superblock is null ? $"no XFS that can be read: {fault.Field} is {fault.Found}" : null;
        if (superblock is null) return null;
        if (superblock.HasExternalLog)
        {
            why = "its log is on another device";
            return null;
        }

        RecoveredVolume? volume = superblock.PrepareStructures().Recover(RecoveryDepth.Mounted, out Fault? obstacle);
        if (volume is null) why = $"the log cannot be recovered: {obstacle}";
        // A group whose free space cannot be read counts as in use.
        return volume is null ? null : MetadataSpace.FindAllocated(volume.Volume, out _);
    }
}
