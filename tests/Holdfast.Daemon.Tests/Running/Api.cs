// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Holdfast.Daemon.Tests.Running;

/// <summary>What the daemon answered.</summary>
internal sealed record Answer(int Status, string Type, string Text)
{
    internal JsonElement Json => JsonDocument.Parse(Text).RootElement;

    internal string Code => Type == "application/problem+json"
        ? Json.GetProperty("code").GetString()!
        : $"{Status} {Text}";
}

/// <summary>Asks over the socket, without any of the product's own client code.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _socket;

    internal Api(string socket)
    {
        _socket = socket;
        _http = new(new SocketsHttpHandler { ConnectCallback = async (_, stop) => await ConnectAsync(stop) })
        {
            BaseAddress = new("http://holdfast"), Timeout = TimeSpan.FromSeconds(60),
        };
    }

    internal async Task<Answer> SendAsync(string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        // What is too large is refused before it is sent, and the connection closed.
        request.Headers.ExpectContinue = json?.Length > 1 << 20;
        using HttpResponseMessage response = await _http.SendAsync(request);
        return new(
            (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "",
            await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends what must succeed.</summary>
    internal async Task<JsonElement> DoAsync(string method, string path, string? json = null)
    {
        Answer answer = await SendAsync(method, path, json);
        Assert.True(answer.Status is >= 200 and < 300, $"{method} {path}: {answer.Status} {answer.Text}");
        return answer.Text.Length > 0 ? answer.Json : default;
    }

    /// <summary>Reports one range of an image; its failure's id.</summary>
    internal async Task<string> ReportAsync(string key, string device, long offset, long length = 4096)
    {
        JsonElement receipt = await DoAsync("POST", "/v1/reports", ReportJson(key, device, offset, length));
        return receipt.GetProperty("failures")[0].GetProperty("id").GetString()!;
    }

    internal static string ReportJson(string key, string device, long offset, long length) => $$"""
        {"key": "{{key}}", "source": "test", "device": {{JsonSerializer.Serialize(device)}}, "basis": "error",
         "ranges": [{"offset": {{offset}}, "length": {{length}}}]}
        """;

    /// <summary>Opens a feed as events.</summary>
    internal async Task<EventReader> ListenAsync(string path, long? last = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (last is { } place) request.Headers.Add("Last-Event-ID", $"{place}");
        HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>Sends bytes as they are, and reads what comes until the daemon closes.</summary>
    internal async Task<string> RawAsync(byte[] bytes)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using NetworkStream stream = await ConnectAsync(patience.Token);
        await stream.WriteAsync(bytes, patience.Token);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, patience.Token);
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    internal async Task<NetworkStream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken);
        return new(socket, ownsSocket: true);
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>Server-sent events, read one by one.</summary>
internal sealed class EventReader(HttpResponseMessage response, Stream stream) : IDisposable
{
    private readonly StreamReader _lines = new(stream, Encoding.UTF8);

    /// <summary>The next event that has data; null at the end.</summary>
    internal async Task<(long? Id, JsonElement Data)?> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        long? id = null;
        while (await _lines.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = long.Parse(line[4..]);
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            return (id, JsonDocument.Parse(line[6..]).RootElement);
        }

        return null;
    }

    public void Dispose()
    {
        _lines.Dispose();
        response.Dispose();
    }
}
