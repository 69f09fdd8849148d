// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Mounts;

namespace Holdfast.Daemon.Supervision;

/// <summary>Whether the ledger lies on a device that is failing itself.</summary>
internal static class LedgerDevice
{
    internal static async Task<string?> TroubleAsync(DaemonServices services, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(services.Configuration.LedgerPath);
        Mount? mount = Mount.ReadAll(KernelRoots.Real).Where(at => IsUnder(path, at.MountPoint)).MaxBy(
            at => at.MountPoint.Length);
        if (mount is null || BlockDevice.Find(KernelRoots.Real, mount.Device) is not { } device) return null;
        foreach (BlockDevice? under in (BlockDevice?[])[device, device.Disk])
        {
            if (under is not null && await IsFailingAsync(services, under, cancellationToken))
            {
                return $"the ledger lies on {under.Node}, which is failing: move it to another disk";
            }
        }

        return null;
    }

    private static async Task<bool> IsFailingAsync(
        DaemonServices services, BlockDevice device, CancellationToken cancellationToken)
    {
        if (DeviceIdentities.Find(device.Node, KernelRoots.Real) is not { } identity) return false;
        long? number = await services.Notifier.FindDeviceAsync(identity.Identity, cancellationToken);
        if (number is null) return false;
        FailurePage page = await services.Notifier.ListAsync(new(true, number, Limit: 1), cancellationToken);
        return page.Items.Count > 0;
    }

    private static bool IsUnder(string path, string point) =>
        path.StartsWith(point.TrimEnd('/') + "/", StringComparison.Ordinal);
}
