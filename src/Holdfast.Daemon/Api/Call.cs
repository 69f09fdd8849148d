// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;
using Holdfast.Core;
using Holdfast.Daemon.Access;

namespace Holdfast.Daemon.Api;

/// <summary>One request: who asks, what they sent, and how they are answered.</summary>
internal sealed class Call(HttpContext http, DaemonServices services)
{
    /// <summary>Bytes of a request's body: 10,000 ranges in their longest spelling.</summary>
    internal const long BodyMax = 2 << 20;

    internal HttpContext Http => http;

    internal Notifier Notifier => services.Notifier;

    internal DaemonServices Services => services;

    internal DeviceLookup Devices => new(services, IsRoot);

    internal CancellationToken Aborted => http.RequestAborted;

    internal PeerFeature Caller => http.Features.Get<PeerFeature>()!;

    internal Peer Peer => Caller.Peer;

    internal bool IsRoot => Caller.Role == Role.Root;

    /// <exception cref="Problem">403.</exception>
    internal void RequireRoot(string what)
    {
        if (!IsRoot) throw Problem.Forbidden($"only root may {what}");
    }

    internal string Route(string name) => (string)http.Request.RouteValues[name]!;

    internal Guid RouteId() => Guid.TryParse(Route("id"), out Guid id)
        ? id
        : throw Problem.BadRequest("a failure's id is a UUID");

    /// <summary>A name of a holder, a party or a silence.</summary>
    internal string RouteName()
    {
        string name = Route("name");
        bool isName = name.Length is > 0 and <= 128
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '@');
        return isName ? name : throw Problem.BadRequest("a name has letters, digits and . _ - : @, at most 128");
    }

    internal string? Query(string name) => http.Request.Query.TryGetValue(name, out var value) ? (string?)value : null;

    internal long? QueryNumber(string name)
    {
        if (Query(name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw Problem.BadRequest($"{name} must be a whole number that is not negative");
    }

    internal int Limit(int otherwise, int most) => (int)Math.Clamp(QueryNumber("limit") ?? otherwise, 1, most);

    /// <exception cref="Problem">400, 413.</exception>
    internal async Task<T> BodyAsync<T>(JsonTypeInfo<T> type) =>
        await JsonSerializer.DeserializeAsync(http.Request.Body, type, Aborted)
        ?? throw Problem.BadRequest("the body is null");

    internal Task AnswerAsync<T>(T body, JsonTypeInfo<T> type, int status = 200)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(body, type);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        return http.Response.Body.WriteAsync(bytes, Aborted).AsTask();
    }

    internal Task NoContentAsync()
    {
        http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }
}
