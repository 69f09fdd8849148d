// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Holdfast.Contract;
using Holdfast.Core.Records;

namespace Holdfast.Core.Policies;

/// <summary>
/// Posts a notice as a CloudEvent 1.0 (structured JSON), signed in the manner of Standard Webhooks: HMAC-SHA256 over
/// "id.timestamp.body". The id is made of the delivery's key, the same at every attempt, so that a receiver tells a
/// retry. Neither the secret nor the URL's path, which of many services is one, is ever shown.
/// </summary>
/// <param name="handler">Makes the connections; redirects are not followed.</param>
public sealed class WebhookPolicy(HttpMessageHandler handler, TimeProvider time, string host) : IPolicy, IDisposable
{
    private const int AnswerMax = 1024;
    private const int SecretMax = 4096;
    private const int IdMax = 200;
    private const string Base64Prefix = "whsec_";
    private const UnixFileMode ForOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    private readonly HttpClient _client = new(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    public string Name => "webhook";

    public EffectKind Effect => EffectKind.Idempotent;

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage message = await MessageOfAsync(request, cancellationToken);
            using HttpResponseMessage answer = await _client.SendAsync(
                message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return await OutcomeOfAsync(answer, cancellationToken);
        }
        catch (SecretException fault)
        {
            return new(DeliveryState.Failed, fault.Message);
        }
        catch (HttpRequestException fault)
        {
            return new(DeliveryState.Failed, $"no answer: {Words.Of(fault.HttpRequestError)}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new(DeliveryState.Failed, "the connection or the secret's file broke off");
        }
    }

    public string Describe(Rule rule)
    {
        string signed = rule.SecretFile is null ? "not signed" : "signed";
        return $"post to {rule.Webhook?.GetLeftPart(UriPartial.Authority)}/…, {signed}";
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Of "id.timestamp.body", in base64.</summary>
    internal static string Sign(byte[] secret, string id, string timestamp, byte[] body)
    {
        using var signature = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        signature.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        signature.AppendData(body);
        return Convert.ToBase64String(signature.GetHashAndReset());
    }

    /// <summary>
    /// Of the parts that are signed a full stop divides the first from the second: the id has none. A key may hold what
    /// a stranger called a device; what no header can carry is told by its hash.
    /// </summary>
    private static string IdOf(PolicyRequest request)
    {
        bool isPlain = request.Key.Length <= IdMax
            && request.Key.All(at => char.IsAsciiLetterOrDigit(at) || "/.-_:+".Contains(at));
        return isPlain
            ? request.Key.Replace('.', '~')
            : "sha256~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Key)));
    }

    private async Task<HttpRequestMessage> MessageOfAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        byte[]? secret = request.Rule.SecretFile is { } file ? await SecretOfAsync(file, cancellationToken) : null;
        byte[] body = EventOf(request);
        string id = IdOf(request);
        string timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var message = new HttpRequestMessage(HttpMethod.Post, request.Rule.Webhook);
        message.Content = new ByteArrayContent(body);
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(
            "application/cloudevents+json") { CharSet = "utf-8" };
        message.Headers.UserAgent.Add(new("holdfast", null));
        message.Headers.Add("Webhook-Id", id);
        message.Headers.Add("Webhook-Timestamp", timestamp);
        message.Headers.Add("Idempotency-Key", id);
        if (secret is not null) message.Headers.Add("Webhook-Signature", "v1," + Sign(secret, id, timestamp, body));
        return message;
    }

    /// <summary>The file's text without blanks around it; "whsec_" begins one in base64.</summary>
    private static async Task<byte[]> SecretOfAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new SecretException($"there is no secret's file {path}");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ForOthers) != 0)
        {
            throw new SecretException($"the secret's file {path} is open to everybody: chmod 600 it");
        }

        byte[] start = new byte[SecretMax + 1];
        await using FileStream file = File.OpenRead(path);
        int length = await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > SecretMax) throw new SecretException($"the secret's file is longer than {SecretMax} bytes");
        string text = Encoding.UTF8.GetString(start, 0, length).Trim();
        if (text.Length == 0) throw new SecretException("the secret's file is empty");
        if (!text.StartsWith(Base64Prefix, StringComparison.Ordinal)) return Encoding.UTF8.GetBytes(text);
        text = text[Base64Prefix.Length..];
        byte[] secret = new byte[text.Length];
        return Convert.TryFromBase64String(text, secret, out int size) && size > 0
            ? secret[..size]
            : throw new SecretException($"what follows {Base64Prefix} in the secret's file is not base64");
    }

    private async Task<PolicyOutcome> OutcomeOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        int status = (int)answer.StatusCode;
        string detail = $"{status} {await StartOfAsync(answer, cancellationToken)}".TrimEnd();
        if (answer.IsSuccessStatusCode) return new(DeliveryState.Done, detail);
        // What the receiver will never take is not sent again, and nothing is sent to where it points instead.
        bool isFinal = status is >= 300 and < 500
            && answer.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);
        if (isFinal) return new(DeliveryState.Dead, detail);
        TimeSpan? wait = answer.Headers.RetryAfter is { } after
            ? after.Delta ?? (after.Date - time.GetUtcNow())
            : null;
        return wait is { } span && span > TimeSpan.Zero
            ? new(
                DeliveryState.Failed, string.Create(
                    CultureInfo.InvariantCulture, $"{detail} (asks for {span.TotalSeconds:0} s of patience)"),
                RetryAfter: span)
            : new(DeliveryState.Failed, detail);
    }

    private byte[] EventOf(PolicyRequest request)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("specversion"u8, "1.0"u8);
            json.WriteString("id"u8, IdOf(request));
            json.WriteString("source"u8, $"urn:holdfast:{host}");
            json.WriteString("type"u8, request.Notices.Count == 1 ? "holdfast.notice.v1"u8 : "holdfast.digest.v1"u8);
            json.WriteString("subject"u8, $"{request.Notices[0].Failure}");
            json.WriteString("time"u8, request.Notices[^1].Time);
            json.WriteString("datacontenttype"u8, "application/json"u8);
            json.WritePropertyName("data"u8);
            json.WriteRawValue(request.Payload.Span);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static async Task<string> StartOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using Stream stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        byte[] start = new byte[AnswerMax];
        int length = await stream.ReadAtLeastAsync(start, AnswerMax, throwOnEndOfStream: false, cancellationToken);
        return PlainText.Of(start.AsSpan(0, length));
    }

    /// <summary>Why there is no secret; says nothing of what is in the file.</summary>
    private sealed class SecretException(string message) : Exception(message);
}
