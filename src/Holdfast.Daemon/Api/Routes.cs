// SPDX-License-Identifier: Apache-2.0
using Holdfast.Daemon.Access;

namespace Holdfast.Daemon.Api;

/// <summary>Serves the table of routes, and sees that each request ends in an answer.</summary>
internal static partial class Routes
{
    internal static void Map(IEndpointRouteBuilder app, DaemonServices services, ILogger logger)
    {
        foreach (Route route in RouteTable.All)
        {
            app.MapMethods(
                route.Path, [route.Method], http => RunAsync(new Call(http, services), route.Handle, logger));
        }

        // A path of the table under another method, and any other path.
        foreach (IGrouping<string, Route> path in RouteTable.All.GroupBy(route => route.Path))
        {
            string[] methods = [.. path.Select(route => route.Method)];
            Task Refuse(Call call) => throw NotAllowed(call, methods);
            app.Map(path.Key, http => RunAsync(new Call(http, services), Refuse, logger)).WithOrder(1);
        }

        app.MapFallback(http => RunAsync(
            new Call(http, services), call => throw Problem.NotFound("there is no such route"), logger));
    }

    private static async Task RunAsync(Call call, Func<Call, Task> handle, ILogger logger)
    {
        try
        {
            if (!call.Caller.MayAsk())
            {
                call.Http.Response.Headers.RetryAfter = "1";
                throw new Problem(429, "too_many_requests", "slower, please");
            }

            await handle(call);
        }
        catch (OperationCanceledException) when (call.Aborted.IsCancellationRequested)
        {
            // Nobody is there any more to be answered.
        }
        catch (Exception fault) when (!call.Http.Response.HasStarted)
        {
            Problem? problem = Problem.Of(fault);
            if (problem is null) Failed(logger, call.Http.Request.Method, fault);
            await (problem ?? new Problem(500, "internal", "something went wrong; the daemon's log says what"))
                .WriteAsync(call.Http.Response);
        }
        catch (Exception fault)
        {
            // A stream that breaks in the middle: its reader comes back with the last id it has.
            Failed(logger, call.Http.Request.Method, fault);
            call.Http.Abort();
        }
    }

    private static Problem NotAllowed(Call call, string[] methods)
    {
        call.Http.Response.Headers.Allow = string.Join(", ", methods);
        return new(405, "method_not_allowed", $"{call.Http.Request.Method} is not for this route");
    }

    // The path is not written out: it is the caller's, and may hold anything.
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "a {Method} request failed")]
    private static partial void Failed(ILogger logger, string method, Exception fault);
}
