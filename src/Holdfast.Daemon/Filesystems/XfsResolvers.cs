// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;

namespace Holdfast.Daemon.Filesystems;

/// <summary>
/// Opens the XFS of a holder whose log is recovered. Of a mounted one the kernel is asked; one that has shut down, or
/// is not mounted, is read from its devices. A device that the kernel has in use is never read beside it: memory is
/// newer than the disk.
/// </summary>
internal sealed class XfsResolvers(Func<long, CancellationToken, Task<string?>> nameOf) : IResolverSource
{
    public async Task<IRangeResolver?> OpenAsync(RecoveredHolder holder, CancellationToken cancellationToken)
    {
        Holder at = holder.Holder;
        if (at.Filesystem?.Type != "xfs") return null;
        if (at.Ranges.FirstOrDefault(range => range.Role == DeviceRole.Data) is not { } data) return null;
        var names = new Dictionary<long, string>();
        foreach (ClaimedRange range in at.Ranges)
        {
            names[range.Device] = await nameOf(range.Device, cancellationToken)
                ?? throw new IOException("one of its devices is not there now");
        }

        return new XfsQuestions(at, names, names[data.Device]);
    }
}

/// <summary>Asks whoever knows now: the kernel while it is mounted, the devices while it is not.</summary>
internal sealed class XfsQuestions(Holder holder, IReadOnlyDictionary<long, string> names, string data)
    : IRangeResolver
{
    private readonly MountWatch _mounts = new(KernelRoots.Real);
    private IRangeResolver? _of;
    private Mount? _mount;

    /// <summary>Where it was found to be mounted since the mounts last changed.</summary>
    private Mount? _found;

    public async Task<IReadOnlyList<ResolvedRange>> ResolveAsync(
        long device, IReadOnlyList<ByteRange> ranges, ByteRangeSet knownBad, CancellationToken cancellationToken)
    {
        Mount? mount = Mounted();
        if (mount is null || MountedXfs.HasShutDown(mount))
        {
            if (mount is null) Refuse();
            mount = null;
        }

        if (_of is null || _mount != mount)
        {
            await CloseAsync();
            _mount = mount;
            _of = mount is null ? new XfsResolver(holder.Ranges, names) : new MountedResolver(holder, mount);
        }

        return await _of.ResolveAsync(device, ranges, knownBad, cancellationToken);
    }

    public Task<IReadOnlyList<ResolvedRange>?> ResolveAtOnceAsync(
        long device, IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken) => Task.Run(
        () => Mounted() is { } mount
            ? new MountedResolver(holder, mount).ResolveNow(device, ranges, cancellationToken)
            : null,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _mounts.Dispose();
        await CloseAsync();
    }

    private async ValueTask CloseAsync()
    {
        if (_of is { } old) await old.DisposeAsync();
        _of = null;
    }

    /// <summary>
    /// As long as no mount comes or goes it is where it was. Of other mount namespaces (reached through a process)
    /// nobody is told.
    /// </summary>
    private Mount? Mounted()
    {
        bool mayHaveGone = _mounts.Wait(TimeSpan.Zero) || _found is null
            || _found.MountPoint.StartsWith(KernelRoots.Real.Proc + "/", StringComparison.Ordinal);
        if (mayHaveGone) _found = XfsInKernel.Mounted(data, KernelRoots.Real);
        return _found;
    }

    private void Refuse()
    {
        foreach (string name in names.Values)
        {
            if (DeviceInUse.Find(name, KernelRoots.Real) is { } use) throw new IOException(use.ToString());
        }
    }
}
