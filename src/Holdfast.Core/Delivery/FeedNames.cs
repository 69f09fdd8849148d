// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>Devices and filesystems of one page, each looked up once.</summary>
internal sealed class FeedNames(LedgerSession session)
{
    private readonly Dictionary<long, DeviceIdentity> _devices = [];
    private readonly Dictionary<long, FilesystemIdentity?> _filesystems = [];

    internal FeedItem ItemOf(Notice notice)
    {
        if (!_devices.TryGetValue(notice.Device, out DeviceIdentity? device))
        {
            device = DeviceRows.Find(session, notice.Device) ?? new("", false, "", null);
            _devices.Add(notice.Device, device);
        }

        FilesystemIdentity? filesystem = null;
        if (notice.Instance is { } instance && !_filesystems.TryGetValue(instance, out filesystem))
        {
            filesystem = session.Row(
                "SELECT type, uuid, metadata_uuid FROM instances WHERE id = ?1",
                row => new FilesystemIdentity(
                    row.GetString(0), row.GetString(1), row.StringAt(2)),
                instance);
            _filesystems.Add(instance, filesystem);
        }

        return new(notice, device, filesystem);
    }
}
