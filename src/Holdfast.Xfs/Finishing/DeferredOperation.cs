// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing;

/// <summary>The kinds of work that XFS puts off into transactions of their own, each behind a logged intent.</summary>
internal enum DeferredKind
{
    BlockMap,
    Refcount,
    ReverseMap,
    ExtentFree,

    /// <summary>Blocks that leave the AGFL.</summary>
    FreeListFree,
    Attribute,
    Exchange,
    RealtimeExtentFree,
    RealtimeReverseMap,
    RealtimeRefcount,
}

/// <summary>One piece of work that was put off: by a logged intent, or by another piece of work.</summary>
internal abstract class DeferredOperation
{
    public abstract DeferredKind Kind { get; }

    /// <summary>Pieces of one kind that are put off together are done in this order: the group's number.</summary>
    public virtual ulong Order => 0;

    /// <summary>
    /// Does as much as one transaction does. Further work that this gives rise to goes to
    /// <see cref="FinishContext.Deferred"/> and comes before everything that waits already.
    /// </summary>
    /// <returns>False where there is more to do: it is called again, in another transaction, after that work.</returns>
    /// <exception cref="RecoveryFailure">It cannot be done.</exception>
    public abstract bool Step(FinishContext context);
}
