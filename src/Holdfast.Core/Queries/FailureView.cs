// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Queries;

/// <summary>A failure with what its numbers stand for.</summary>
public sealed record FailureView(Failure Failure, DeviceIdentity Device, FilesystemIdentity? Filesystem);

/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record FailurePage(IReadOnlyList<FailureView> Items, Guid? Next);

/// <summary>One line of a failure's history.</summary>
public sealed record HistoryEntry(
    long Sequence, long Revision, DateTimeOffset Time, string What, string Source, ByteRange Range,
    string? Note);

/// <summary>Everything the ledger has on one failure; of long lists the newest.</summary>
public sealed record FailureDetail(
    FailureView View, IReadOnlyList<HistoryEntry> History, IReadOnlyList<Notice> Notices,
    IReadOnlyList<PartyDelivery> Deliveries)
{
    /// <summary>Filesystems that it is a matter of: its own, and those whose devices lie on its device.</summary>
    internal IEnumerable<long> Instances => Notices.Select(notice => notice.Instance).Append(View.Failure.Instance)
        .OfType<long>().Distinct();
}
