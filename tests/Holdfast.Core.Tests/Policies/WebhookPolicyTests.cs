// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Tests.Policies;

/// <summary>The webhook against a real receiver, honest and hostile.</summary>
public sealed class WebhookPolicyTests : IDisposable
{
    private const string Secret = "a secret that nobody must see";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _secret = Path.GetTempFileName();
    private readonly WebhookPolicy _policy = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }, TimeProvider.System, "a-host");

    public WebhookPolicyTests()
    {
        File.WriteAllText(_secret, Secret + "\n");
        File.SetUnixFileMode(_secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose()
    {
        _policy.Dispose();
        File.Delete(_secret);
    }

    /// <summary>As a receiver does it who knows the secret and the manner, and nothing of Holdfast.</summary>
    [Theory]
    [InlineData(Secret, null)]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public async Task A_receiver_can_verify_the_signature(string file, string? base64)
    {
        await File.WriteAllTextAsync(_secret, file);
        await using var receiver = new HttpReceiver("HTTP/1.1 204 None\n\n");
        PolicyOutcome outcome = await SendAsync(receiver);
        Assert.Equal(DeliveryState.Done, outcome.State);
        ReceivedRequest got = Assert.Single(receiver.Received);
        string id = got.Headers["Webhook-Id"];
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{got.Headers["Webhook-Timestamp"]}."), .. got.Body];
        byte[] key = base64 is null ? Encoding.UTF8.GetBytes(Secret) : Convert.FromBase64String(base64);
        Assert.Equal(
            "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)), got.Headers["Webhook-Signature"]);
        Assert.DoesNotContain('.', id);
        Assert.Equal(id, got.Headers["Idempotency-Key"]);
    }

    [Fact]
    public async Task The_body_is_a_structured_CloudEvent()
    {
        await using var receiver = new HttpReceiver("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
        Assert.Equal(new PolicyOutcome(DeliveryState.Done, "200 ok"), await SendAsync(receiver));
        ReceivedRequest got = Assert.Single(receiver.Received);
        Assert.Equal("POST /hook?token=t0ken HTTP/1.1", got.Line);
        Assert.Equal("application/cloudevents+json; charset=utf-8", got.Headers["Content-Type"]);
        using JsonDocument body = JsonDocument.Parse(got.Body);
        JsonElement root = body.RootElement;
        Assert.Equal("1.0", root.GetProperty("specversion").GetString());
        Assert.Equal(got.Headers["Webhook-Id"], root.GetProperty("id").GetString());
        Assert.Equal("urn:holdfast:a-host", root.GetProperty("source").GetString());
        Assert.Equal("holdfast.notice.v1", root.GetProperty("type").GetString());
        Assert.Equal($"{Requests.Failure}", root.GetProperty("subject").GetString());
        Assert.Equal("k", root.GetProperty("data").GetProperty("key").GetString());
    }

    /// <summary>C7: every attempt carries the same id, so that a receiver tells a retry.</summary>
    [Fact]
    public async Task A_retry_has_the_id_of_the_first_attempt()
    {
        await using var receiver = new HttpReceiver("HTTP/1.1 503 Later\nConnection: close\nContent-Length: 0\n\n");
        Assert.Equal(DeliveryState.Failed, (await SendAsync(receiver)).State);
        Assert.Equal(DeliveryState.Failed, (await SendAsync(receiver)).State);
        Assert.Equal(2, receiver.Received.Count);
        Assert.Single(receiver.Received.Select(got => got.Headers["Webhook-Id"]).Distinct());
    }

    [Theory]
    [InlineData(400, DeliveryState.Dead)]
    [InlineData(401, DeliveryState.Dead)]
    [InlineData(404, DeliveryState.Dead)]
    [InlineData(410, DeliveryState.Dead)]
    [InlineData(408, DeliveryState.Failed)]
    [InlineData(429, DeliveryState.Failed)]
    [InlineData(500, DeliveryState.Failed)]
    [InlineData(503, DeliveryState.Failed)]
    public async Task What_a_status_means(int status, DeliveryState state)
    {
        await using var receiver = new HttpReceiver($"HTTP/1.1 {status} So\nContent-Length: 0\n\n");
        Assert.Equal(state, (await SendAsync(receiver)).State);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var other = new HttpReceiver("HTTP/1.1 200 OK\nContent-Length: 0\n\n");
        await using var receiver = new HttpReceiver(
            $"HTTP/1.1 307 There\nLocation: {other.Url}\nContent-Length: 0\n\n");
        Assert.Equal(DeliveryState.Dead, (await SendAsync(receiver)).State);
        Assert.Empty(other.Received);
    }

    [Fact]
    public async Task Retry_After_is_told()
    {
        await using var receiver = new HttpReceiver("HTTP/1.1 429 Slow\nRetry-After: 30\nContent-Length: 0\n\n");
        Assert.Equal("429 (asks for 30 s of patience)", (await SendAsync(receiver)).Detail);
    }

    /// <summary>C11: an answer without end is not read to its end, and one with control characters is tamed.</summary>
    [Fact]
    public async Task A_hostile_answer_is_bounded_and_made_plain()
    {
        byte[] answer =
        [
            .. "HTTP/1.1 500 Bad\r\nContent-Length: 999999999\r\n\r\n"u8, 0x1b, .. "[2Jgone"u8, 0xff, 0,
            .. Enumerable.Repeat((byte)7, 1 << 20),
        ];
        await using var receiver = new HttpReceiver(answer);
        PolicyOutcome outcome = await SendAsync(receiver);
        Assert.Equal(DeliveryState.Failed, outcome.State);
        Assert.StartsWith("500 \\x1b[2Jgone\uFFFD\\x00\\x07", outcome.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(outcome.Detail!, char.IsControl);
        Assert.InRange(Encoding.UTF8.GetByteCount(outcome.Detail!), 1, PlainText.BytesMax + 8);
    }

    [Theory]
    [InlineData("\0\u0001 this is no HTTP at all\n\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 10\n\nshort")]
    public async Task A_broken_answer_is_a_failed_attempt(string answer)
    {
        await using var receiver = new HttpReceiver(answer);
        Assert.Equal(DeliveryState.Failed, (await SendAsync(receiver)).State);
    }

    /// <summary>C11: one that never answers is left when the time limit is over.</summary>
    [Fact]
    public async Task One_that_never_answers_is_stopped()
    {
        await using var receiver = new HttpReceiver("");
        using var limit = new CancellationTokenSource();
        Task<PolicyOutcome> sending = _policy.ApplyAsync(Request(receiver.Url), limit.Token);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(Patience));
    }

    [Fact]
    public async Task Nobody_there_is_a_failed_attempt()
    {
        Uri url;
        await using (var gone = new HttpReceiver("")) url = gone.Url;
        PolicyOutcome outcome = await _policy.ApplyAsync(Request(url), default);
        Assert.Equal(new PolicyOutcome(DeliveryState.Failed, "no answer: connection_error"), outcome);
    }

    /// <summary>Nothing is sent unsigned for want of the secret, and the secret is never in the reason.</summary>
    [Theory]
    [InlineData("", 0x180)]
    [InlineData("whsec_that is no base64!", 0x180)]
    [InlineData(Secret, 0x184)]
    public async Task A_bad_secret_sends_nothing(string text, int mode)
    {
        await File.WriteAllTextAsync(_secret, text);
        File.SetUnixFileMode(_secret, (UnixFileMode)mode);
        await using var receiver = new HttpReceiver("HTTP/1.1 200 OK\nContent-Length: 0\n\n");
        PolicyOutcome outcome = await SendAsync(receiver);
        Assert.Equal(DeliveryState.Failed, outcome.State);
        Assert.Empty(receiver.Received);
        if (text.Length > 0) Assert.DoesNotContain(text, outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Description_hides_what_a_url_may_keep_secret()
    {
        string said = _policy.Describe(Request(new("https://hooks.example/services/T0KEN?key=K3Y")).Rule);
        Assert.Equal("post to https://hooks.example/…, signed", said);
    }

    private PolicyRequest Request(Uri url) => Requests.Of(new()
    {
        Name = "hook", When = new(), Policy = "webhook", Webhook = url, SecretFile = _secret,
    });

    private Task<PolicyOutcome> SendAsync(HttpReceiver receiver) =>
        _policy.ApplyAsync(Request(receiver.Url), default).WaitAsync(Patience);
}
