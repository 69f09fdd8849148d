// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Media;
using Holdfast.Linux.Mounts;

namespace Holdfast.Cli.Targets;

/// <summary>Opens what a scan reads: the device itself, or the kernel that verifies it.</summary>
internal static class ScanTarget
{
    /// <param name="device">A device or image, no mount point.</param>
    /// <exception cref="CommandFailure">It cannot be opened, or not be read around the page cache.</exception>
    public static IMediaReader Open(string device)
    {
        if (Directory.Exists(device)) throw new CommandFailure($"{device} is a folder, and no mount point of XFS");
        try
        {
            return SectorReader.Open(device);
        }
        catch (KernelRefusal refusal)
        {
            throw new CommandFailure(refusal.Message);
        }
    }

    /// <param name="target">A mount point of XFS, or its device.</param>
    /// <param name="tells">Whether the filesystem is to tell its own watchers what is bad.</param>
    /// <exception cref="CommandFailure">It is not mounted, or this kernel cannot verify.</exception>
    public static IMediaReader OpenVerifying(string target, bool tells)
    {
        Mount mount = MountedTarget.Find(target, KernelRoots.Real) ?? throw new CommandFailure(
            $"--verify-media: {target} is no XFS that is mounted; without it the device is read");
        BlockDevice device = BlockDevice.Find(KernelRoots.Real, mount.Device)
            ?? throw new CommandFailure($"{mount.MountPoint}: its device is not in sysfs");
        if (device.Size is not > 0 || device.LogicalSectorSize is not > 0)
        {
            throw new CommandFailure($"{device.Node}: its size or its sectors are not told");
        }

        try
        {
            return new VerifyingReader(
                XfsMediaVerifier.Open(mount), device.Node, device.Size.Value, device.LogicalSectorSize, tells);
        }
        catch (KernelRefusal refusal) when (refusal.Errno == XfsMediaVerifier.Unknown)
        {
            throw new CommandFailure(
                $"--verify-media: this kernel cannot verify media (XFS_IOC_VERIFY_MEDIA, Linux 7.0); without it "
                + $"{device.Node} is read");
        }
        catch (KernelRefusal refusal)
        {
            throw new CommandFailure(refusal.Message);
        }
    }
}
