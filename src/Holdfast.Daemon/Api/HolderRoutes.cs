// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core.Holders;
using Holdfast.Core.Queries;

namespace Holdfast.Daemon.Api;

/// <summary>/v1/holders and /v1/instances.</summary>
internal static class HolderRoutes
{
    internal static async Task ListAsync(Call call)
    {
        IReadOnlyList<HolderView> holders = await call.Notifier.HoldersAsync(call.Aborted);
        await call.AnswerAsync(
            new HolderListJson([.. holders.Select(Answers.Of)]), ContractJson.Default.HolderListJson);
    }

    internal static async Task PutAsync(Call call)
    {
        call.RequireRoot("register a holder");
        string name = call.RouteName();
        HolderRequest request = await call.BodyAsync(RequestJson.Default.HolderRequest);
        HolderClaim claim = await Requests.ClaimOfAsync(name, request, call.Devices);
        Core.Records.Holder holder = await call.Notifier.PutHolderAsync(claim, CancellationToken.None);
        IReadOnlyList<HolderView> all = await call.Notifier.HoldersAsync(call.Aborted);
        HolderView view = all.FirstOrDefault(at => at.Holder.Name == name)
            ?? new(holder, [.. claim.Ranges.Select(range => range.Device)], 0);
        await call.AnswerAsync(Answers.Of(view), ContractJson.Default.HolderJson);
    }

    internal static async Task DeleteAsync(Call call)
    {
        call.RequireRoot("release a holder");
        await call.Notifier.ReleaseHolderAsync(call.RouteName(), call.QueryNumber("epoch"), CancellationToken.None);
        await call.NoContentAsync();
    }

    internal static Task MovedAsync(Call call) => JudgeAsync(call, isMoved: true);

    internal static Task CopiedAsync(Call call) => JudgeAsync(call, isMoved: false);

    private static async Task JudgeAsync(Call call, bool isMoved)
    {
        call.RequireRoot("say what became of an instance");
        if (!long.TryParse(call.Route("id"), out long instance)) throw Problem.BadRequest("an instance is a number");
        await call.Notifier.JudgeInstanceAsync(instance, isMoved, call.Peer.Name, CancellationToken.None);
        await call.NoContentAsync();
    }
}
