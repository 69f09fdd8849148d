// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Paths;

internal sealed class ParentPointerPaths(XfsVolume volume)
{
    public IReadOnlyCollection<WantedInode> Find(
        IReadOnlyCollection<WantedInode> wanted, Dictionary<ulong, IReadOnlyList<PathName>> paths,
        CancellationToken cancellationToken)
    {
        _ = volume;
        _ = paths;
        cancellationToken.ThrowIfCancellationRequested();
        return wanted;
    }
}
