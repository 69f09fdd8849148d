// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core;
using Holdfast.Core.Delivery;
using Holdfast.Core.Records;

namespace Holdfast.Daemon.Api;

/// <summary>The feed that a name stands for: a subscriber's, by sequence, or a holder's own, by number.</summary>
internal sealed class PartyFeed
{
    private readonly Notifier _notifier;
    private readonly string _name;
    private readonly Party? _party;

    private PartyFeed(Notifier notifier, string name, Party? party, long cursor)
    {
        _notifier = notifier;
        _name = name;
        _party = party;
        Cursor = cursor;
    }

    /// <summary>Everything up to here is settled.</summary>
    internal long Cursor { get; }

    internal Notifier Notifier => _notifier;

    internal Party? Party => _party;

    /// <exception cref="Problem">404; 403 for a holder's feed asked for by a member.</exception>
    internal static async Task<PartyFeed> FindAsync(Call call, string name)
    {
        if (await call.Notifier.FindPartyAsync(name, call.Aborted) is { } party)
        {
            return new(call.Notifier, name, party, party.Cursor);
        }

        FeedPage page = await call.Notifier.HolderFeedAsync(name, null, 1, call.Aborted)
            ?? throw Problem.NotFound($"there is no party or holder {name}");
        call.RequireRoot("read a holder's own feed");
        return new(call.Notifier, name, null, page.Items.Count > 0 ? page.Items[0].Notice.Number - 1 : page.Next);
    }

    internal async Task<FeedPage> PageAsync(long after, int limit, CancellationToken cancellationToken) =>
        _party is not null
            ? await _notifier.FeedAsync(_party, after, limit, cancellationToken)
            : await _notifier.HolderFeedAsync(_name, after, limit, cancellationToken) ?? new([], after, true);

    /// <summary>What is new as the page behind a place; null where it is not what follows there.</summary>
    internal FeedPage? PageOf(FeedNews? news, long after) =>
        _party is null ? null : news?.PageAfter(after, _party.Filter);

    /// <exception cref="Problem">404: it has gone meanwhile, or was told of no such notice.</exception>
    internal async Task AcknowledgeAsync(long through)
    {
        bool isTaken = _party is not null
            ? await _notifier.AcknowledgeNoticesAsync(_name, through, CancellationToken.None)
            : await _notifier.AcknowledgeAsHolderAsync(_name, through, CancellationToken.None);
        if (!isTaken) throw Problem.NotFound($"{_name} was told of no notice {through}");
    }

    /// <summary>The item's place in this feed.</summary>
    internal long PlaceOf(FeedItem item) => _party is null ? item.Notice.Number : item.Notice.Sequence!.Value;

    internal NoticePageJson JsonOf(FeedPage page, long after)
    {
        var items = new List<NoticeJson>(page.Items.Count);
        long previous = after;
        foreach (FeedItem item in page.Items)
        {
            items.Add(Wire.Of(item, PlaceOf(item), previous, _notifier.Host));
            previous = PlaceOf(item);
        }

        return new(items, page.Next);
    }
}
