// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Holdfast.Contract;
using Holdfast.Core.Records;

namespace Holdfast.Core.Policies;

/// <summary>Where log lines go: the journal, or standard error.</summary>
public interface ILogSink
{
    /// <param name="fields">Besides the message, as the journal has them: HOLDFAST_FAILURE and so on.</param>
    /// <exception cref="IOException">It was not written.</exception>
    Task WriteAsync(
        int priority, string message, IReadOnlyList<KeyValuePair<string, string>> fields,
        CancellationToken cancellationToken);
}

/// <summary>Writes one line a notice.</summary>
public sealed class LogPolicy(ILogSink sink) : IPolicy
{
    private const int Error = 3;
    private const int Notable = 5;

    public string Name => "log";

    public EffectKind Effect => EffectKind.Idempotent;

    public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await WriteAsync(request, cancellationToken);
        }
        catch (IOException fault)
        {
            return new(DeliveryState.Failed, fault.Message);
        }
    }

    public string Describe(Rule rule) => "write a line to the journal, or to standard error where there is none";

    private async Task<PolicyOutcome> WriteAsync(PolicyRequest request, CancellationToken cancellationToken)
    {
        if (request.Notices.Count > 1)
        {
            await sink.WriteAsync(Error, $"{request.Notices.Count} notices at once, from {Line(request.Notices[0])}",
            [
                new("HOLDFAST_FAILURE", $"{request.Notices[0].Failure}"), new("HOLDFAST_PARTY", request.Party),
                new("HOLDFAST_RULE", request.Rule.Name), new("HOLDFAST_KEY", request.Key),
                new("HOLDFAST_NOTICES", request.Notices.Count.ToString(CultureInfo.InvariantCulture)),
            ], cancellationToken);
            return new(DeliveryState.Done, "one line for all");
        }

        Notice at = request.Notices[0];
        int priority = at.Content is ContentState.Lost or ContentState.Unknown ? Error : Notable;
        await sink.WriteAsync(priority, Line(at),
        [
            new("HOLDFAST_FAILURE", $"{at.Failure}"), new("HOLDFAST_PARTY", request.Party),
            new("HOLDFAST_RULE", request.Rule.Name), new("HOLDFAST_KEY", request.Key),
            new("HOLDFAST_OFFSET", at.Range.Offset.ToString(CultureInfo.InvariantCulture)),
            new("HOLDFAST_LENGTH", at.Range.Length.ToString(CultureInfo.InvariantCulture)),
            new("HOLDFAST_MEDIUM", Words.Of(at.Medium)), new("HOLDFAST_CONTENT", Words.Of(at.Content)),
            new("HOLDFAST_NOTICE", Encoding.UTF8.GetString(request.Payload.Span)),
        ], cancellationToken);
        return new(DeliveryState.Done, null);
    }

    private static string Line(Notice at) => string.Create(
        CultureInfo.InvariantCulture,
        $"failure {at.Failure}: bytes {at.Range} are {Words.Of(at.Medium)}, ")
        + $"content {Words.Of(at.Content)} ({Words.Of(at.Cause)})";
}
