// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Holdfast.Contract;
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;

namespace Holdfast.Daemon.Api;

/// <summary>A request that ends in application/problem+json, with a code that stays the same.</summary>
internal sealed class Problem(int status, string code, string detail, string? holder = null) : Exception(detail)
{
    /// <summary>What any route can end in.</summary>
    internal static IReadOnlyList<string> CodesOfAll { get; } =
    [
        "bad_request", "too_large", "too_many_requests", "ledger_unavailable", "ledger_damaged", "internal",
    ];

    internal int Status { get; } = status;

    internal string Code { get; } = code;

    internal string? Holder { get; } = holder;

    internal static Problem BadRequest(string detail) => new(400, "bad_request", detail);

    internal static Problem NotFound(string detail) => new(404, "not_found", detail);

    internal static Problem Forbidden(string detail) => new(403, "forbidden", detail);

    /// <summary>The problem that an exception of Core stands for; null for what nobody foresaw.</summary>
    internal static Problem? Of(Exception fault) => fault switch
    {
        Problem problem => problem,
        LedgerUnavailableException away => new(503, "ledger_unavailable", away.Message),
        LedgerFormatException broken => new(503, "ledger_damaged", broken.Message),
        FailureNotFoundException { MergedInto: { } into } merged => new(409, "merged", merged.Message, $"{into}"),
        FailureNotFoundException { IsSettled: true } settled => new(409, "settled", settled.Message),
        FailureNotFoundException absent => NotFound(absent.Message),
        TrimmedException trimmed => new(410, "trimmed", trimmed.Message),
        HolderRefusedException refused => Of(refused),
        JsonException json => BadRequest(json.Message),
        BadHttpRequestException { StatusCode: 413 } big => new(413, "too_large", big.Message),
        BadHttpRequestException bad => new(bad.StatusCode, "bad_request", bad.Message),
        _ => null,
    };

    internal Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        var body = new ProblemJson
        {
            Type = $"urn:holdfast:problem:{Code}", Title = Code.Replace('_', ' '), Status = Status, Detail = Message,
            Code = Code, Holder = Holder,
        };
        return JsonSerializer.SerializeAsync(response.Body, body, ContractJson.Default.ProblemJson);
    }

    private static Problem Of(HolderRefusedException refused) => refused.Refusal switch
    {
        HolderRefusal.HeldBy => new(409, "held_by", refused.Message, refused.Holder),
        HolderRefusal.StaleEpoch => new(409, "stale_epoch", refused.Message),
        HolderRefusal.LeaseEnded => new(409, "lease_ended", refused.Message),
        HolderRefusal.StateOrder => new(409, "state_order", refused.Message),
        HolderRefusal.UnknownInstance => NotFound(refused.Message),
        _ => BadRequest(refused.Message),
    };
}
