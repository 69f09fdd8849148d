// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;

namespace Holdfast.Daemon.Api;

/// <summary>/v1/parties: subscribers, and a holder's own feed under the holder's name.</summary>
internal static class PartyRoutes
{
    /// <summary>Each is asked about whenever something is published.</summary>
    private const int PartiesMax = 1000;

    internal static async Task ListAsync(Call call)
    {
        IReadOnlyList<PartyView> parties = await call.Notifier.PartiesAsync(call.Aborted);
        await call.AnswerAsync(new PartyListJson([.. parties.Select(Answers.Of)]), ContractJson.Default.PartyListJson);
    }

    internal static async Task PutAsync(Call call)
    {
        string name = call.RouteName();
        PartyRequest request = await call.BodyAsync(RequestJson.Default.PartyRequest);
        if (request.ExpireDays is < 1 or > 36500) throw Problem.BadRequest("expire_days is from 1 to 36500");
        if (call.Services.Configuration.Parties.Any(party => party.Name == name))
        {
            throw new Problem(409, "configured", $"party {name} is the configuration's");
        }

        IReadOnlyList<PartyView> known = await call.Notifier.PartiesAsync(call.Aborted);
        if (known.Count >= PartiesMax && known.All(at => at.Party.Name != name))
        {
            throw new Problem(409, "too_many", $"there are {known.Count} parties already");
        }

        Party party = await call.Notifier.PutPartyAsync(
            name, Requests.FilterOf(request.Filter), request.ExpireDays, CancellationToken.None);
        IReadOnlyList<PartyView> all = await call.Notifier.PartiesAsync(call.Aborted);
        PartyView view = all.FirstOrDefault(at => at.Party.Name == name) ?? new(party, 0, 0, 0, 0);
        await call.AnswerAsync(Answers.Of(view), ContractJson.Default.PartyJson);
    }

    internal static async Task DeleteAsync(Call call)
    {
        string name = call.RouteName();
        if (call.Services.Configuration.Parties.Any(party => party.Name == name))
        {
            throw new Problem(409, "configured", $"party {name} is the configuration's");
        }

        await call.Notifier.RemovePartyAsync(name, CancellationToken.None);
        await call.NoContentAsync();
    }

    internal static async Task NoticesAsync(Call call)
    {
        string name = call.RouteName();
        bool isStream = call.Http.Request.Headers.Accept.ToString().Contains(
            "text/event-stream", StringComparison.Ordinal);
        PartyFeed feed = await PartyFeed.FindAsync(call, name);
        if (isStream)
        {
            await NoticeStream.RunAsync(call, feed);
            return;
        }

        long after = call.QueryNumber("after") ?? feed.Cursor;
        FeedPage page = await feed.PageAsync(after, call.Limit(100, Defaults.PageMax), call.Aborted);
        await call.AnswerAsync(feed.JsonOf(page, after), ContractJson.Default.NoticePageJson);
    }

    internal static async Task AcknowledgeAsync(Call call)
    {
        string name = call.RouteName();
        AckRequest request = await call.BodyAsync(RequestJson.Default.AckRequest);
        if (request.Through < 0) throw Problem.BadRequest("through is not negative");
        PartyFeed feed = await PartyFeed.FindAsync(call, name);
        await feed.AcknowledgeAsync(request.Through);
        await call.NoContentAsync();
    }
}
