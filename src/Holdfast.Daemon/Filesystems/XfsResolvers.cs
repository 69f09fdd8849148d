// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;

namespace Holdfast.Daemon.Filesystems;

/// <summary>
/// Opens the XFS of a holder whose log is recovered, on an unmounted device or image. A device that the kernel has in
/// use is never read beside it: memory is newer than the disk.
/// </summary>
internal sealed class XfsResolvers(Func<long, CancellationToken, Task<string?>> nameOf) : IResolverSource
{
    public async Task<IRangeResolver?> OpenAsync(RecoveredHolder holder, CancellationToken cancellationToken)
    {
        Holder at = holder.Holder;
        if (at.Filesystem?.Type != "xfs" || !at.Ranges.Any(range => range.Role == DeviceRole.Data)) return null;
        var names = new Dictionary<long, string>();
        foreach (ClaimedRange range in at.Ranges)
        {
            string name = await nameOf(range.Device, cancellationToken)
                ?? throw new IOException("one of its devices is not there now");
            if (DeviceInUse.Find(name, KernelRoots.Real) is { } use) throw new IOException(use.ToString());
            names[range.Device] = name;
        }

        return new XfsResolver(at.Ranges, names);
    }
}
