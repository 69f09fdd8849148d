// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>Changes of the realtime device's own metadata, which lies on the data device.</summary>
internal sealed class RealtimeSpace(FinishContext context)
{
    internal FinishContext Context => context;

    public IReadOnlyList<DeferredOperation> Of(ExtentFreeIntent intent) => throw new NotImplementedException();

    public IReadOnlyList<DeferredOperation> Of(ReverseMapIntent intent) => throw new NotImplementedException();

    public IReadOnlyList<DeferredOperation> Of(RefcountIntent intent) => throw new NotImplementedException();
}
