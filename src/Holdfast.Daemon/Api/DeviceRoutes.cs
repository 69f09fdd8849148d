// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;

namespace Holdfast.Daemon.Api;

/// <summary>/v1/devices.</summary>
internal static class DeviceRoutes
{
    internal static async Task ListAsync(Call call)
    {
        int limit = call.Limit(100, Defaults.PageMax);
        IReadOnlyList<DeviceView> devices = await call.Notifier.DevicesAsync(
            call.Query("after") ?? "", limit, call.Aborted);
        await call.AnswerAsync(
            new DeviceListJson(
                [.. devices.Select(at => Of(at, call.Services))],
                devices.Count == limit ? devices[^1].Device.Identity : null),
            ContractJson.Default.DeviceListJson);
    }

    private static DeviceEntryJson Of(DeviceView view, DaemonServices services) =>
        new(Wire.Of(view.Device), view.Seen, view.IsFailing, NameNow(view.Device, services));

    /// <summary>By the name it last had, where that still is the same device; else by identity.</summary>
    private static string? NameNow(DeviceIdentity device, DaemonServices services)
    {
        DeviceIdentity? now = services.FindDevice(device.Name);
        if (now?.Identity != device.Identity) now = services.FindDevice(device.Identity);
        return now?.Identity == device.Identity ? now.Name : null;
    }
}
