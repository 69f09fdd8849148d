// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Intake;
using Holdfast.Core.Policies;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;

namespace Holdfast.Daemon.Api;

/// <summary>/v1/failures.</summary>
internal static class FailureRoutes
{
    internal static async Task ListAsync(Call call)
    {
        bool? isOpen = call.Query("state") switch
        {
            null or "open" => true,
            "closed" => false,
            "all" => null,
            _ => throw Problem.BadRequest("state is one of open, closed, all"),
        };
        long? device = null;
        if (call.Query("device") is { } name)
        {
            device = await call.Devices.NumberOfAsync(name) ?? -1;
        }

        Guid? after = call.Query("after") is not { } text ? null
            : Guid.TryParse(text, out Guid id) ? id : throw Problem.BadRequest("after is a failure's id");
        FailurePage page = await call.Notifier.ListAsync(
            new(isOpen, device, call.Query("fs")?.ToLowerInvariant(), after, call.Limit(100, Defaults.PageMax)),
            call.Aborted);
        await call.AnswerAsync(
            new FailurePageJson([.. page.Items.Select(at => Answers.Of(at, call.Notifier.Host))], page.Next),
            ContractJson.Default.FailurePageJson);
    }

    internal static async Task ShowAsync(Call call)
    {
        FailureDetail detail = await FindAsync(call);
        string host = call.Notifier.Host;
        var answer = new FailureDetailJson(
            Answers.Of(detail.View, host),
            [.. detail.History.Select(Answers.Of)],
            [.. detail.Notices.Select(at => Wire.Of(ItemOf(detail, at), at.Sequence, null, host))],
            [.. detail.Deliveries.Select(Answers.Of)]);
        await call.AnswerAsync(answer, ContractJson.Default.FailureDetailJson);
    }

    internal static async Task ConfirmAsync(Call call)
    {
        call.RequireRoot("confirm");
        FailureActionRequest request = await call.BodyAsync(RequestJson.Default.FailureActionRequest);
        await AnswerAsync(call, await call.Notifier.ConfirmAsync(
            call.RouteId(), call.Peer.Name, Requests.Note(request.Note), CancellationToken.None));
    }

    internal static async Task ClearAsync(Call call)
    {
        call.RequireRoot("clear");
        FailureActionRequest request = await call.BodyAsync(RequestJson.Default.FailureActionRequest);
        ContentState how = request.How switch
        {
            "rewritten" => ContentState.Rewritten,
            "restored" => ContentState.Restored,
            "dismissed" => ContentState.Dismissed,
            _ => throw Problem.BadRequest("how is one of rewritten, restored, dismissed"),
        };
        await AnswerAsync(call, await call.Notifier.ClearAsync(
            call.RouteId(), how, call.Peer.Name, Requests.Note(request.Note), CancellationToken.None));
    }

    internal static async Task AcknowledgeAsync(Call call)
    {
        FailureActionRequest request = await call.BodyAsync(RequestJson.Default.FailureActionRequest);
        string owner = request.Owner is { } given ? Requests.Text(given, "owner", 128) : call.Peer.Name;
        await AnswerAsync(call, await call.Notifier.AcknowledgeAsync(
            call.RouteId(), owner, Requests.Note(request.Note), CancellationToken.None));
    }

    /// <summary>Which rule would do what with the failure as it is now, and why.</summary>
    internal static async Task ExplainAsync(Call call)
    {
        FailureDetail detail = await FindAsync(call);
        FeedItem item = ItemOf(detail, NoticeOf(detail));
        IReadOnlyList<PartyView> parties = await call.Notifier.PartiesAsync(call.Aborted);
        DeliveryGates gates = await call.Notifier.GatesAsync(call.Aborted);
        var answer = new ExplanationJson(
            detail.View.Failure.Id,
            [.. parties.Where(at => at.Party.Kind == PartyKind.Configured)
                .Select(at => PolicyExplanation.Of(
                    call.Notifier.Rules, call.Notifier.Policies, at.Party, item, gates, DateTimeOffset.UtcNow))]);
        await call.AnswerAsync(answer, ContractJson.Default.ExplanationJson);
    }

    private static async Task<FailureDetail> FindAsync(Call call)
    {
        Guid id = call.RouteId();
        return await call.Notifier.ShowAsync(id, call.Aborted) ?? throw Problem.NotFound($"there is no failure {id}");
    }

    private static FeedItem ItemOf(FailureDetail detail, Notice notice) =>
        new(notice, detail.View.Device, detail.View.Filesystem);

    /// <summary>The failure as a notice of it would say it: with the impacts that were last found.</summary>
    private static Notice NoticeOf(FailureDetail detail)
    {
        Failure at = detail.View.Failure;
        Notice? last = detail.Notices.LastOrDefault(notice => notice.State == NoticeState.Published);
        return new()
        {
            Number = 0, Failure = at.Id, Revision = at.Revision, Cause = NoticeCause.Reported,
            State = NoticeState.Published, Device = at.Device, Instance = at.Instance, Range = at.Range, Kind = at.Kind,
            Medium = at.Medium, Content = at.Content, Time = at.LastSeen, Impacts = last?.Impacts ?? default,
            IsComplete = last?.IsComplete ?? false, Gap = last?.Gap,
        };
    }

    private static Task AnswerAsync(Call call, FailureRevision after) => call.AnswerAsync(
        new FailureRevisionJson(after.Id, after.Revision), ContractJson.Default.FailureRevisionJson);
}
