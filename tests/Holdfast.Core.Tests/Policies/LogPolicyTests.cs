// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Core.Records;

namespace Holdfast.Core.Tests.Policies;

/// <summary>One line a notice, one for a digest.</summary>
public sealed class LogPolicyTests
{
    private static readonly Rule Log = new() { Name = "note", When = new(), Policy = "log" };

    [Fact]
    public async Task A_notice_is_one_line_with_its_fields()
    {
        var sink = new Sink();
        PolicyOutcome outcome = await new LogPolicy(sink).ApplyAsync(Requests.Of(Log), default);
        Assert.Equal(DeliveryState.Done, outcome.State);
        (int priority, string message, IReadOnlyList<KeyValuePair<string, string>> fields) = Assert.Single(sink.Lines);
        Assert.Equal(3, priority);
        Assert.StartsWith($"failure {Requests.Failure}: bytes ", message, StringComparison.Ordinal);
        Assert.Equal(
            $"HOLDFAST_FAILURE={Requests.Failure} HOLDFAST_PARTY=on.call HOLDFAST_RULE=note "
            + "HOLDFAST_KEY=on.call/f/2/7 HOLDFAST_OFFSET=4096 HOLDFAST_LENGTH=512 HOLDFAST_MEDIUM=confirmed "
            + "HOLDFAST_CONTENT=lost HOLDFAST_NOTICE={\"key\":\"k\"}",
            string.Join(' ', fields.Select(field => $"{field.Key}={field.Value}")));
    }

    [Fact]
    public async Task A_digest_is_one_line()
    {
        var sink = new Sink();
        PolicyRequest request = Requests.Of(Log) with { Notices = [Requests.Notice(), Requests.Notice()] };
        await new LogPolicy(sink).ApplyAsync(request, default);
        Assert.StartsWith("2 notices at once", Assert.Single(sink.Lines).Message, StringComparison.Ordinal);
    }

    private sealed class Sink : ILogSink
    {
        internal List<(int Priority, string Message, IReadOnlyList<KeyValuePair<string, string>> Fields)> Lines
        {
            get;
        } = [];

        public Task WriteAsync(
            int priority, string message, IReadOnlyList<KeyValuePair<string, string>> fields,
            CancellationToken cancellationToken)
        {
            Lines.Add((priority, message, fields));
            return Task.CompletedTask;
        }
    }
}
