// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Holdfast.Daemon.Api;

/// <summary>All routes of /v1, and how each ends when something goes wrong.</summary>
internal static partial class Routes
{
    internal static void Map(IEndpointRouteBuilder app, DaemonServices services, ILogger logger)
    {
        void On(string method, [StringSyntax("Route")] string route, Func<Call, Task> handle) => app.MapMethods(
            route, [method], http => RunAsync(new Call(http, services), handle, logger));

        On("POST", "/v1/reports", ReportRoutes.PostAsync);
        On("GET", "/v1/failures", FailureRoutes.ListAsync);
        On("GET", "/v1/failures/{id}", FailureRoutes.ShowAsync);
        On("GET", "/v1/failures/{id}/explain", FailureRoutes.ExplainAsync);
        On("POST", "/v1/failures/{id}/confirm", FailureRoutes.ConfirmAsync);
        On("POST", "/v1/failures/{id}/clear", FailureRoutes.ClearAsync);
        On("POST", "/v1/failures/{id}/ack", FailureRoutes.AcknowledgeAsync);
        On("GET", "/v1/devices", DeviceRoutes.ListAsync);
        On("GET", "/v1/holders", HolderRoutes.ListAsync);
        On("PUT", "/v1/holders/{name}", HolderRoutes.PutAsync);
        On("DELETE", "/v1/holders/{name}", HolderRoutes.DeleteAsync);
        On("POST", "/v1/instances/{id}/moved", HolderRoutes.MovedAsync);
        On("POST", "/v1/instances/{id}/copied", HolderRoutes.CopiedAsync);
        On("GET", "/v1/parties", PartyRoutes.ListAsync);
        On("PUT", "/v1/parties/{name}", PartyRoutes.PutAsync);
        On("DELETE", "/v1/parties/{name}", PartyRoutes.DeleteAsync);
        On("GET", "/v1/parties/{name}/notices", PartyRoutes.NoticesAsync);
        On("POST", "/v1/parties/{name}/notices/ack", PartyRoutes.AcknowledgeAsync);
        On("POST", "/v1/replay", AdminRoutes.ReplayAsync);
        On("POST", "/v1/disarm", AdminRoutes.DisarmAsync);
        On("GET", "/v1/silences", AdminRoutes.SilencesAsync);
        On("PUT", "/v1/silences/{name}", AdminRoutes.PutSilenceAsync);
        On("DELETE", "/v1/silences/{name}", AdminRoutes.RemoveSilenceAsync);
        On("GET", "/v1/status", StatusRoutes.StatusAsync);
        On("GET", "/healthz", StatusRoutes.HealthAsync);
        On("GET", "/readyz", StatusRoutes.ReadyAsync);
        On("GET", "/metrics", StatusRoutes.MetricsAsync);
    }

    private static async Task RunAsync(Call call, Func<Call, Task> handle, ILogger logger)
    {
        try
        {
            await handle(call);
        }
        catch (OperationCanceledException) when (call.Aborted.IsCancellationRequested)
        {
            // Nobody is there any more to be answered.
        }
        catch (Exception fault) when (!call.Http.Response.HasStarted)
        {
            Problem? problem = Problem.Of(fault);
            if (problem is null) Failed(logger, call.Http.Request.Path.Value ?? "", fault);
            await (problem ?? new Problem(500, "internal", "something went wrong; the daemon's log says what"))
                .WriteAsync(call.Http.Response);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Path} failed")]
    private static partial void Failed(ILogger logger, string path, Exception fault);
}
