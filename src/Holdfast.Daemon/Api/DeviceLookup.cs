// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;

namespace Holdfast.Daemon.Api;

/// <summary>
/// The device that a caller means. Root may name any file as an image; others only what is in /dev, or what the ledger
/// knows: the daemon must not tell them whether a file is there that they may not see.
/// </summary>
internal sealed class DeviceLookup(DaemonServices services, bool isRoot)
{
    private const int NameMax = 4096;

    /// <exception cref="Problem">400, 409 unknown_device.</exception>
    internal async Task<DeviceIdentity> FindAsync(string name)
    {
        _ = Requests.Text(name, "device", NameMax);
        if (IsOpenToCaller(name) && services.FindDevice(name) is { } device) return device;
        // One that is away, by its identity: that it is away may be what is reported.
        if (await KnownAsync(name) is not { } known) throw Unknown(name);
        return services.FindDevice(known.Name) is { } now && now.Identity == known.Identity ? now : known;
    }

    /// <summary>The ledger's number of what is asked about; null where nothing was ever heard of it.</summary>
    internal Task<long?> NumberOfAsync(string name)
    {
        string identity = IsOpenToCaller(name) ? services.FindDevice(name)?.Identity ?? name : name;
        return services.Notifier.FindDeviceAsync(identity, CancellationToken.None);
    }

    internal static Problem Unknown(string name) => new(409, "unknown_device", $"there is no device {name}");

    private bool IsOpenToCaller(string name) =>
        isRoot || !name.Contains('/') || Path.GetFullPath(name, "/dev").StartsWith("/dev/", StringComparison.Ordinal);

    private async Task<DeviceIdentity?> KnownAsync(string name)
    {
        if (await services.Notifier.FindDeviceAsync(name, CancellationToken.None) is not { } number) return null;
        DeviceIdentity? known = await services.Notifier.DeviceAsync(number, CancellationToken.None);
        // By the name it last had only where that is all there is of it, or it still is the same one.
        return known is not null && (known.Identity == name || known.Identity == $"path:{name}"
            || services.FindDevice(known.Name)?.Identity == known.Identity) ? known : null;
    }
}
