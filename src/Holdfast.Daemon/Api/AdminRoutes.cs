// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Delivery;

namespace Holdfast.Daemon.Api;

/// <summary>/v1/replay, /v1/disarm, /v1/scans and /v1/silences.</summary>
internal static class AdminRoutes
{
    internal static async Task ReplayAsync(Call call)
    {
        call.RequireRoot("replay");
        ReplayRequest request = await call.BodyAsync(RequestJson.Default.ReplayRequest);
        long requeued = await call.Notifier.ReplayAsync(
            request.Party, request.Failure, request.Unknown, CancellationToken.None);
        await call.AnswerAsync(new ReplayAnswer(requeued), ContractJson.Default.ReplayAnswer);
    }

    internal static async Task DisarmAsync(Call call)
    {
        call.RequireRoot("disarm");
        DisarmRequest request = await call.BodyAsync(RequestJson.Default.DisarmRequest);
        await call.Notifier.DisarmAsync(
            request.Disarmed ?? true, call.Peer.Name, Requests.Note(request.Note), CancellationToken.None);
        await call.NoContentAsync();
    }

    internal static async Task StartScanAsync(Call call)
    {
        call.RequireRoot("start a scan");
        bool isThere = call.Services.Scans.TryStart(call.RouteName());
        if (!isThere) throw Problem.NotFound("no scan of that name is configured");
        await call.NoContentAsync();
    }

    internal static async Task SilencesAsync(Call call)
    {
        IReadOnlyList<Silence> silences = await call.Notifier.SilencesAsync(call.Aborted);
        await call.AnswerAsync(
            new SilenceListJson(
                [.. silences.Select(at => Answers.Of(at, at.Device is { } number ? $"{number}" : null))]),
            ContractJson.Default.SilenceListJson);
    }

    internal static async Task PutSilenceAsync(Call call)
    {
        call.RequireRoot("silence");
        string name = call.RouteName();
        SilenceRequest request = await call.BodyAsync(RequestJson.Default.SilenceRequest);
        long? device = null;
        if (request.Device is { } given)
        {
            string identity = (await call.Devices.FindAsync(given)).Identity;
            device = await call.Notifier.FindDeviceAsync(identity, call.Aborted)
                ?? throw new Problem(409, "unknown_device", $"nothing was ever reported of {given}");
        }

        string owner = request.Owner is { } named ? Requests.Text(named, "owner", 128) : call.Peer.Name;
        await call.Notifier.PutSilenceAsync(
            new(name, Requests.FilterOf(request.Filter), device, request.Until, owner, Requests.Note(request.Note)),
            CancellationToken.None);
        await call.NoContentAsync();
    }

    internal static async Task RemoveSilenceAsync(Call call)
    {
        call.RequireRoot("end a silence");
        await call.Notifier.RemoveSilenceAsync(call.RouteName(), CancellationToken.None);
        await call.NoContentAsync();
    }
}
