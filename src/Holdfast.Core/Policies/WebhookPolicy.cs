// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Holdfast.Core.Records;

namespace Holdfast.Core.Policies;

/// <summary>
/// Posts a notice as a CloudEvent 1.0 (structured JSON), signed in the manner of Standard Webhooks: HMAC-SHA256 over
/// "id.timestamp.body". The id is the delivery's key, the same at every attempt, so that a receiver tells a retry.
/// </summary>
/// <param name="handler">Makes the connections; redirects are not followed.</param>
public sealed class WebhookPolicy(HttpMessageHandler handler, TimeProvider time, string host) : IPolicy, IDisposable
{
    private const int AnswerMax = 1024;
    private const int SecretMax = 4096;

    private readonly HttpClient _client = new(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    public string Name => "webhook";

    public EffectKind Effect => EffectKind.Idempotent;

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        byte[] body = EventOf(request);
        using var message = new HttpRequestMessage(HttpMethod.Post, request.Rule.Webhook);
        message.Content = new ByteArrayContent(body);
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(
            "application/cloudevents+json") { CharSet = "utf-8" };
        string timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        message.Headers.Add("Webhook-Id", request.Key);
        message.Headers.Add("Webhook-Timestamp", timestamp);
        if (request.Rule.SecretFile is { } file)
        {
            byte[] secret = SecretOf(await File.ReadAllBytesAsync(file, cancellationToken));
            message.Headers.Add("Webhook-Signature", "v1," + Sign(secret, request.Key, timestamp, body));
        }

        using HttpResponseMessage answer = await _client.SendAsync(
            message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        string detail = $"{(int)answer.StatusCode} {await StartOfAsync(answer, cancellationToken)}".TrimEnd();
        if (answer.IsSuccessStatusCode) return new(DeliveryState.Done, detail);
        // What the receiver will never take is not sent again.
        bool isFinal = (int)answer.StatusCode is >= 300 and < 500
            && answer.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);
        return new(isFinal ? DeliveryState.Dead : DeliveryState.Failed, detail);
    }

    public string Describe(Rule rule)
    {
        string signed = rule.SecretFile is null ? "not signed" : "signed";
        return $"post to {rule.Webhook?.GetLeftPart(UriPartial.Path)}, {signed}";
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

    /// <summary>The file's text without blanks around it; "whsec_" begins one in base64.</summary>
    private static byte[] SecretOf(byte[] file)
    {
        if (file.Length > SecretMax) throw new InvalidDataException(
            $"the secret's file is longer than {SecretMax} bytes");
        string text = Encoding.UTF8.GetString(file).Trim();
        if (text.Length == 0) throw new InvalidDataException("the secret's file is empty");
        const string prefix = "whsec_";
        return text.StartsWith(prefix, StringComparison.Ordinal)
            ? Convert.FromBase64String(text[prefix.Length..])
            : Encoding.UTF8.GetBytes(text);
    }

    private byte[] EventOf(PolicyRequest request)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("specversion"u8, "1.0"u8);
            json.WriteString("id"u8, request.Key);
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
}
