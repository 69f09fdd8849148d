// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Items;

/// <summary>Which items announce work, and what each announces.</summary>
internal static class LoggedIntents
{
    public static bool Is(LogItemType type) => type is LogItemType.ExtentFree or LogItemType.RealtimeExtentFree
        or LogItemType.ReverseMap or LogItemType.RealtimeReverseMap or LogItemType.Refcount
        or LogItemType.RealtimeRefcount or LogItemType.BlockMap or LogItemType.Attribute or LogItemType.Exchange;

    /// <param name="intent">Null with a fault.</param>
    public static BlockFault TryRead(LogItem item, LogSequenceNumber lsn, out LoggedIntent? intent) => item.Type switch
    {
        LogItemType.ExtentFree or LogItemType.RealtimeExtentFree =>
            IntentItem.TryReadExtentFree(item, lsn, out intent),
        LogItemType.ReverseMap or LogItemType.RealtimeReverseMap =>
            IntentItem.TryReadReverseMap(item, lsn, out intent),
        LogItemType.Refcount or LogItemType.RealtimeRefcount => IntentItem.TryReadRefcount(item, lsn, out intent),
        LogItemType.BlockMap => IntentItem.TryReadBlockMap(item, lsn, out intent),
        LogItemType.Attribute => AttributeIntentItem.TryRead(item, lsn, out intent),
        LogItemType.Exchange => ExchangeIntentItem.TryRead(item, lsn, out intent),
        _ => throw new ArgumentOutOfRangeException(nameof(item), item.Type, "no intent"),
    };
}
