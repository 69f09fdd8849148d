// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>A notice with what its numbers stand for.</summary>
public sealed record FeedItem(Notice Notice, DeviceIdentity Device, FilesystemIdentity? Filesystem)
{
    private IReadOnlyList<ImpactSubject>? _subjects;

    /// <summary>What filters and rules look at, one an impact; read only when somebody asks.</summary>
    public IReadOnlyList<ImpactSubject> Subjects => _subjects ??= ImpactSubject.ReadAll(Notice.Impacts.Span);
}

/// <param name="Items">Those that the filter lets through, in order.</param>
/// <param name="Next">Where to go on: the last place that was looked at.</param>
/// <param name="IsEnd">Whether there was no more at the time.</param>
public sealed record FeedPage(IReadOnlyList<FeedItem> Items, long Next, bool IsEnd);
