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

/// <summary>What was just published, as it is in the ledger: whoever waits for it need not read it there.</summary>
/// <param name="After">The place that it follows, without a gap.</param>
/// <param name="Items">All of them, in order, without a gap; one at least.</param>
public sealed record FeedNews(long After, IReadOnlyList<FeedItem> Items)
{
    /// <summary>As the page behind a place; null where it is not what follows there.</summary>
    public FeedPage? PageAfter(long place, PartyFilter filter) => place == After
        ? new([.. Items.Where(item => FilterMatch.Holds(filter, item))], Items[^1].Notice.Sequence!.Value, true)
        : null;
}

/// <summary>The next time that something comes into the feed.</summary>
/// <param name="Number">
/// How often something came before: who has taken one after the other has missed nothing, and need not look.
/// </param>
/// <param name="News">Ends when it comes, with what is new where that is at hand.</param>
public sealed record FeedTurn(long Number, Task<FeedNews?> News)
{
    /// <summary>Whether nothing came between the two.</summary>
    public bool Follows(FeedTurn earlier) => Number == earlier.Number + 1;
}

/// <param name="Items">Those that the filter lets through, in order.</param>
/// <param name="Next">Where to go on: the last place that was looked at.</param>
/// <param name="IsEnd">Whether there was no more at the time.</param>
public sealed record FeedPage(IReadOnlyList<FeedItem> Items, long Next, bool IsEnd);
