// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;

namespace Holdfast.Daemon.Api;

/// <summary>All routes.</summary>
internal static class RouteTable
{
    private static readonly string[] NoFailure = ["not_found", "merged", "settled"];
    private static readonly string[] Paged = ["after", "limit"];

    internal static IReadOnlyList<Route> All { get; } =
    [
        new("POST", "/v1/reports", "Reports bad ranges; durable when answered", ReportRoutes.PostAsync)
        {
            Request = () => RequestJson.Default.ReportRequest,
            Answer = () => ContractJson.Default.ReportAnswer, Status = 202,
            Problems = ["unknown_device"],
        },
        new("GET", "/v1/failures", "Failures, in the order they were accepted", FailureRoutes.ListAsync)
        {
            Answer = () => ContractJson.Default.FailurePageJson, Queries = ["state", "device", "fs", "after", "limit"],
        },
        new("GET", "/v1/failures/{id}", "A failure with its history, notices and deliveries", FailureRoutes.ShowAsync)
        {
            Answer = () => ContractJson.Default.FailureDetailJson, Problems = ["not_found"],
        },
        new("GET", "/v1/failures/{id}/explain", "Which rule would do what, and why", FailureRoutes.ExplainAsync)
        {
            Answer = () => ContractJson.Default.ExplanationJson, Problems = ["not_found"],
        },
        OnFailure("confirm", "The medium was read with care and is bad", FailureRoutes.ConfirmAsync, isRoots: true),
        OnFailure("clear", "The content is settled", FailureRoutes.ClearAsync, isRoots: true),
        OnFailure("ack", "Somebody takes care of it", FailureRoutes.AcknowledgeAsync, isRoots: false),
        new("GET", "/v1/devices", "Devices that were ever heard of, by identity", DeviceRoutes.ListAsync)
        {
            Answer = () => ContractJson.Default.DeviceListJson, Queries = Paged,
        },
        new("GET", "/v1/holders", "Who holds what", HolderRoutes.ListAsync)
        {
            Answer = () => ContractJson.Default.HolderListJson,
        },
        new("PUT", "/v1/holders/{name}", "Claims, renews, or tells how far a holder has come", HolderRoutes.PutAsync)
        {
            Request = () => RequestJson.Default.HolderRequest,
            Answer = () => ContractJson.Default.HolderJson, IsRoots = true,
            Problems = ["unknown_device", "held_by", "stale_epoch", "lease_ended", "state_order"],
        },
        new("DELETE", "/v1/holders/{name}", "Ends a claim", HolderRoutes.DeleteAsync)
        {
            Status = 204, IsRoots = true, Queries = ["epoch"], Problems = ["stale_epoch"],
        },
        OnInstance("moved", "A candidate is the instance itself, on another device", HolderRoutes.MovedAsync),
        OnInstance("copied", "A candidate is a copy, an instance of its own", HolderRoutes.CopiedAsync),
        new("GET", "/v1/parties", "Who is told", PartyRoutes.ListAsync)
        {
            Answer = () => ContractJson.Default.PartyListJson,
        },
        new("PUT", "/v1/parties/{name}", "Subscribes, or changes a filter", PartyRoutes.PutAsync)
        {
            Request = () => RequestJson.Default.PartyRequest, Answer = () => ContractJson.Default.PartyJson,
            Problems = ["configured", "too_many"],
        },
        new("DELETE", "/v1/parties/{name}", "Ends a subscription", PartyRoutes.DeleteAsync)
        {
            Status = 204, Problems = ["configured"],
        },
        new("GET", "/v1/parties/{name}/notices", "A feed, from a place on", PartyRoutes.NoticesAsync)
        {
            Answer = () => ContractJson.Default.NoticePageJson, Queries = Paged, IsStream = true,
            Problems = ["not_found", "trimmed"],
        },
        new("POST", "/v1/parties/{name}/notices/ack", "Up to here all is settled", PartyRoutes.AcknowledgeAsync)
        {
            Request = () => RequestJson.Default.AckRequest, Status = 204, Problems = ["not_found"],
        },
        new("POST", "/v1/replay", "Tries dead deliveries again", AdminRoutes.ReplayAsync)
        {
            Request = () => RequestJson.Default.ReplayRequest,
            Answer = () => ContractJson.Default.ReplayAnswer, IsRoots = true,
        },
        new("POST", "/v1/disarm", "Stops everything that acts, or lets it act again", AdminRoutes.DisarmAsync)
        {
            Request = () => RequestJson.Default.DisarmRequest, Status = 204, IsRoots = true,
        },
        new("POST", "/v1/scans/{name}/start", "A scan begins, or goes on, at once", AdminRoutes.StartScanAsync)
        {
            Status = 204, IsRoots = true, Problems = ["not_found"],
        },
        new("GET", "/v1/silences", "Silences in force", AdminRoutes.SilencesAsync)
        {
            Answer = () => ContractJson.Default.SilenceListJson,
        },
        new("PUT", "/v1/silences/{name}", "Nobody is pushed about something for a while", AdminRoutes.PutSilenceAsync)
        {
            Request = () => RequestJson.Default.SilenceRequest,
            Status = 204, IsRoots = true, Problems = ["unknown_device"],
        },
        new("DELETE", "/v1/silences/{name}", "Ends a silence", AdminRoutes.RemoveSilenceAsync)
        {
            Status = 204, IsRoots = true,
        },
        new("GET", "/v1/status", "What a person asks first", StatusRoutes.StatusAsync)
        {
            Answer = () => ContractJson.Default.StatusJson,
        },
        new("GET", "/healthz", "The process answers", StatusRoutes.HealthAsync),
        new("GET", "/readyz", "Reports would be accepted", StatusRoutes.ReadyAsync),
        new("GET", "/metrics", "Numbers in Prometheus' text", StatusRoutes.MetricsAsync),
        new("GET", "/openapi/v1.json", "This document", OpenApiDocument.WriteAsync),
    ];

    private static Route OnFailure(string verb, string summary, Func<Call, Task> handle, bool isRoots) =>
        new("POST", $"/v1/failures/{{id}}/{verb}", summary, handle)
        {
            Request = () => RequestJson.Default.FailureActionRequest,
            Answer = () => ContractJson.Default.FailureRevisionJson,
            IsRoots = isRoots, Problems = NoFailure,
        };

    private static Route OnInstance(string verb, string summary, Func<Call, Task> handle) =>
        new("POST", $"/v1/instances/{{id}}/{verb}", summary, handle)
        {
            Status = 204, IsRoots = true, Problems = ["not_found", "held_by"],
        };
}
