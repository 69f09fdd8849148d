// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Producers;

/// <summary>
/// What devices are called that the kernel tells of by number or name. Looked up each time: both are given anew to
/// other devices (loop0, dm-1), and at once.
/// </summary>
internal static class EventDevices
{
    internal static DeviceIdentity? Find(DeviceNumber number, KernelRoots roots) =>
        Of(BlockDevice.Find(roots, number), roots);

    /// <param name="name">The kernel's: "sdb1".</param>
    internal static DeviceIdentity? Find(string name, KernelRoots roots) => Of(BlockDevice.Find(roots, name), roots);

    private static DeviceIdentity? Of(BlockDevice? device, KernelRoots roots) =>
        device is { Size: > 0 } ? DeviceIdentities.Find(device.Node, roots) : null;
}
