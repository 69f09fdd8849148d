// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

internal sealed class ParentPointerAudit(XfsVolume volume)
{
    public LostEntries? Run(IReadOnlySet<ulong> directories, CancellationToken cancellationToken)
    {
        _ = volume;
        _ = directories;
        cancellationToken.ThrowIfCancellationRequested();
        return null;
    }
}
