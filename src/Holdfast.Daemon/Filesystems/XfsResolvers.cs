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
    private IRangeResolver? _of;
    private Mount? _mount;

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
            await DisposeAsync();
            _mount = mount;
            _of = mount is null ? new XfsResolver(holder.Ranges, names) : new MountedResolver(holder, mount);
        }

        return await _of.ResolveAsync(device, ranges, knownBad, cancellationToken);
    }

    public Task<IReadOnlyList<ResolvedRange>?> ResolveAtOnceAsync(
        long device, IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken) => Task.Run(
        () => (_mount = Mounted()) is { } mount
            ? new MountedResolver(holder, mount).ResolveNow(device, ranges, cancellationToken)
            : null,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_of is { } old) await old.DisposeAsync();
        _of = null;
    }

    /// <summary>Where it was mounted last it is as a rule still: then nothing is searched.</summary>
    private Mount? Mounted() => _mount is { } last && Mount.ReadAll(KernelRoots.Real).Contains(last)
        ? last
        : XfsInKernel.Mounted(data, KernelRoots.Real);

    private void Refuse()
    {
        foreach (string name in names.Values)
        {
            if (DeviceInUse.Find(name, KernelRoots.Real) is { } use) throw new IOException(use.ToString());
        }
    }
}
