// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Contract;

namespace Holdfast.Client;

/// <summary>
/// Speaks to the daemon at its Unix socket, with the caller's own rights: members of the group read and report, root
/// does the rest. One instance may be used from several threads.
/// </summary>
public sealed class DaemonClient : IDisposable
{
    private const int BadGateway = 502;
    private const int AnswerMax = 256 << 20;
    private const int ConnectMilliseconds = 1000;
    private readonly HttpClient _http;
    private readonly string _socket;

    /// <param name="socketPath">Where the daemon listens.</param>
    public DaemonClient(string socketPath = Defaults.SocketPath)
    {
        _socket = socketPath;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync, UseProxy = false, UseCookies = false, AllowAutoRedirect = false,
        };
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri("http://holdfast/"), Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = AnswerMax,
        };
    }

    /// <summary>A daemon that takes longer for an answer counts as away: it may hang.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A feed on which nothing comes for so long is broken: the daemon says every 15 s that it lives.
    /// </summary>
    public TimeSpan QuietMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Answers are waited for on the caller's thread, and a call has ended when it returns; feeds are read as ever. For
    /// a program that asks once and ends: starting the sockets' event loop would cost it more than its question.
    /// </summary>
    public bool IsBlocking { get; init; }

    /// <summary>It is durable when this returns; the same key again is the same report.</summary>
    /// <exception cref="DaemonException">Refused: see its code.</exception>
    /// <exception cref="DaemonUnreachableException">Nobody answers: nothing is known of the report.</exception>
    public Task<ReportAnswer> ReportAsync(ReportRequest report, CancellationToken cancellationToken = default) =>
        SendAsync(
        HttpMethod.Post, "v1/reports", report, ContractJson.Default.ReportRequest, ContractJson.Default.ReportAnswer,
        cancellationToken);

    /// <param name="state">"open", "closed" or "all".</param>
    public Task<FailurePageJson> ListFailuresAsync(
        string state = "open", string? device = null, string? filesystem = null, Guid? after = null, int limit = 100,
        CancellationToken cancellationToken = default) => GetAsync(
        FailuresPath(state, device, filesystem, after, limit), ContractJson.Default.FailurePageJson, cancellationToken);

    /// <summary>The same page as the daemon wrote it, for who needs little of it.</summary>
    public async Task<JsonDocument> ListFailuresAsJsonAsync(
        string state = "open", string? device = null, string? filesystem = null, Guid? after = null, int limit = 100,
        CancellationToken cancellationToken = default)
    {
        string path = FailuresPath(state, device, filesystem, after, limit);
        using HttpResponseMessage answer = await RequestAsync(HttpMethod.Get, path, null, null, cancellationToken);
        byte[] json = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException fault)
        {
            throw MakesNoSense(fault);
        }
    }

    public Task<FailureDetailJson> ShowFailureAsync(Guid id, CancellationToken cancellationToken = default) =>
        GetAsync($"v1/failures/{id}", ContractJson.Default.FailureDetailJson, cancellationToken);

    public Task<ExplanationJson> ExplainAsync(Guid id, CancellationToken cancellationToken = default) =>
        GetAsync($"v1/failures/{id}/explain", ContractJson.Default.ExplanationJson, cancellationToken);

    /// <param name="action">"confirm", "clear" or "ack".</param>
    public Task<FailureRevisionJson> ActAsync(
        Guid id, string action, FailureActionRequest request, CancellationToken cancellationToken = default) =>
            SendAsync(
        HttpMethod.Post, $"v1/failures/{id}/{action}", request, ContractJson.Default.FailureActionRequest,
        ContractJson.Default.FailureRevisionJson, cancellationToken);

    public Task<DeviceListJson> ListDevicesAsync(
        string? after = null, int limit = 100, CancellationToken cancellationToken = default) => GetAsync(
        $"v1/devices?limit={limit}{Query("after", after)}", ContractJson.Default.DeviceListJson, cancellationToken);

    public Task<HolderListJson> ListHoldersAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/holders", ContractJson.Default.HolderListJson, cancellationToken);

    public Task<HolderJson> PutHolderAsync(
        string name, HolderRequest request, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Put, $"v1/holders/{Escaped(name)}", request, ContractJson.Default.HolderRequest,
        ContractJson.Default.HolderJson, cancellationToken);

    public Task ReleaseHolderAsync(string name, long? epoch, CancellationToken cancellationToken = default) =>
        SendAsync(
        HttpMethod.Delete, $"v1/holders/{Escaped(name)}{(epoch is { } at ? $"?epoch={at}" : "")}", cancellationToken);

    public Task JudgeInstanceAsync(long instance, bool isMoved, CancellationToken cancellationToken = default) =>
        SendAsync(
        HttpMethod.Post, $"v1/instances/{instance}/{(isMoved ? "moved" : "copied")}", cancellationToken);

    public Task<PartyListJson> ListPartiesAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/parties", ContractJson.Default.PartyListJson, cancellationToken);

    public Task<PartyJson> PutPartyAsync(
        string name, PartyRequest request, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Put, $"v1/parties/{Escaped(name)}", request, ContractJson.Default.PartyRequest,
        ContractJson.Default.PartyJson, cancellationToken);

    public Task RemovePartyAsync(string name, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"v1/parties/{Escaped(name)}", cancellationToken);

    /// <summary>A page of a party's feed; without a place from where it has acknowledged.</summary>
    public Task<NoticePageJson> NoticesAsync(
        string party, long? after = null, int limit = 100, CancellationToken cancellationToken = default) => GetAsync(
        $"v1/parties/{Escaped(party)}/notices?limit={limit}"
            + Query("after", after?.ToString(CultureInfo.InvariantCulture)),
        ContractJson.Default.NoticePageJson, cancellationToken);

    /// <summary>Everything up to a place is settled for the party.</summary>
    public async Task AcknowledgeAsync(string party, long through, CancellationToken cancellationToken = default)
    {
        using HttpResponseMessage answer = await RequestAsync(
            HttpMethod.Post, $"v1/parties/{Escaped(party)}/notices/ack",
            Body(new AckRequest(through), ContractJson.Default.AckRequest), null, cancellationToken);
    }

    /// <summary>
    /// One connection of a party's feed as events, from a place on. Ends when the daemon ends it; a caller that wants
    /// to go on connects again from the last place it has seen (<see cref="NoticeSubscription"/> does).
    /// </summary>
    public async IAsyncEnumerable<NoticeJson> StreamAsync(
        string party, long? after = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string path = $"v1/parties/{Escaped(party)}/notices"
            + (after is { } place ? $"?after={place.ToString(CultureInfo.InvariantCulture)}" : "");
        using HttpResponseMessage answer = await RequestAsync(
            HttpMethod.Get, path, null, "text/event-stream", cancellationToken);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new EventReader(stream, QuietMax);
        while (await reader.ReadAsync(cancellationToken) is { } data)
        {
            yield return Parse(data.Span, ContractJson.Default.NoticeJson);
        }
    }

    public Task<SilenceListJson> ListSilencesAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/silences", ContractJson.Default.SilenceListJson, cancellationToken);

    public async Task PutSilenceAsync(
        string name, SilenceRequest request, CancellationToken cancellationToken = default)
    {
        using HttpResponseMessage answer = await RequestAsync(
            HttpMethod.Put, $"v1/silences/{Escaped(name)}", Body(request, ContractJson.Default.SilenceRequest), null,
            cancellationToken);
    }

    public Task RemoveSilenceAsync(string name, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"v1/silences/{Escaped(name)}", cancellationToken);

    public Task<StatusJson> StatusAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/status", ContractJson.Default.StatusJson, cancellationToken);

    public Task<ReplayAnswer> ReplayAsync(ReplayRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(
        HttpMethod.Post, "v1/replay", request, ContractJson.Default.ReplayRequest, ContractJson.Default.ReplayAnswer,
        cancellationToken);

    public async Task DisarmAsync(DisarmRequest request, CancellationToken cancellationToken = default)
    {
        using HttpResponseMessage answer = await RequestAsync(
            HttpMethod.Post, "v1/disarm", Body(request, ContractJson.Default.DisarmRequest), null, cancellationToken);
    }

    /// <summary>A scheduled scan begins, or goes on, at once.</summary>
    public Task StartScanAsync(string name, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, $"v1/scans/{Escaped(name)}/start", cancellationToken);

    public void Dispose() => _http.Dispose();

    private static string Query(string name, string? value) => value is null ? "" : $"&{name}={Escaped(value)}";

    private static string FailuresPath(string state, string? device, string? filesystem, Guid? after, int limit) =>
        $"v1/failures?state={state}&limit={limit}{Query("device", device)}{Query("fs", filesystem)}"
            + Query("after", after?.ToString());

    private static string Escaped(string text) => Uri.EscapeDataString(text);

    private static ByteArrayContent Body<T>(T body, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new("application/json");
        return content;
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await RequestAsync(HttpMethod.Get, path, null, null, cancellationToken);
        return await ReadAsync(answer, type, cancellationToken);
    }

    private async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await RequestAsync(method, path, null, null, cancellationToken);
    }

    private async Task<TAnswer> SendAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await RequestAsync(
            method, path, Body(body, bodyType), null, cancellationToken);
        return await ReadAsync(answer, answerType, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(
        HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken), type);

    private static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, type) is { } answer) return answer;
        }
        catch (JsonException fault)
        {
            throw MakesNoSense(fault);
        }

        throw new DaemonException(BadGateway, "bad_answer", "the daemon's answer is empty");
    }

    private static DaemonException MakesNoSense(JsonException fault) =>
        new(BadGateway, "bad_answer", $"the daemon's answer makes no sense: {fault.Message}");

    private async Task<HttpResponseMessage> RequestAsync(
        HttpMethod method, string path, HttpContent? body, string? accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (accept is not null) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerWithin);
        HttpResponseMessage answer;
        try
        {
            // A feed never ends; every other answer is here as a whole before anybody sees it.
            const HttpCompletionOption whole = HttpCompletionOption.ResponseContentRead;
            answer = accept is not null
                ? await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token)
                : IsBlocking ? _http.Send(request, whole, limit.Token)
                : await _http.SendAsync(request, whole, limit.Token);
        }
        catch (HttpRequestException fault)
        {
            throw new DaemonUnreachableException(WhyUnreachable(fault), fault);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DaemonUnreachableException(
                $"{_socket}: no answer within {AnswerWithin.TotalSeconds:0.###} seconds", fault);
        }

        if (answer.IsSuccessStatusCode) return answer;
        using (answer)
        {
            throw await ProblemOfAsync(answer, limit.Token);
        }
    }

    private static async Task<DaemonException> ProblemOfAsync(
        HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        int status = (int)answer.StatusCode;
        try
        {
            await using Stream stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
            ProblemJson? problem = await JsonSerializer.DeserializeAsync(
                stream, ContractJson.Default.ProblemJson, cancellationToken);
            if (problem?.Code is { } code) return new(status, code, problem.Detail ?? code, problem.Holder);
        }
        catch (JsonException)
        {
            // Not ours: what stands between us and the daemon.
        }

        return new(status, "bad_answer", $"the answer has status {status}");
    }

    private string WhyUnreachable(HttpRequestException fault) =>
        (fault.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.AccessDenied => $"{_socket}: not for this user (members of the group may; root may)",
        SocketError.AddressNotAvailable or SocketError.HostNotFound => $"{_socket}: there is no daemon",
        SocketError.ConnectionRefused => $"{_socket}: nobody listens",
        SocketError.WouldBlock => $"{_socket}: the daemon takes no connection: it hangs, or has too many callers",
        _ => $"{_socket}: {fault.InnerException?.Message ?? fault.Message}",
    };

    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // A connection is there at once or refused; but where a daemon that hangs has as many callers as it
            // takes, connect(2) waits as long as the socket may take to send.
            var place = new UnixDomainSocketEndPoint(_socket);
            if (IsBlocking)
            {
                socket.SendTimeout = ConnectMilliseconds;
                socket.Connect(place);
                socket.SendTimeout = 0;
            }
            else
            {
                await socket.ConnectAsync(place, cancellationToken);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
