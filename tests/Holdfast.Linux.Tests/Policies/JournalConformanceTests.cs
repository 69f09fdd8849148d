// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using Holdfast.Core.Policies;
using Holdfast.Linux.Policies;
using Holdfast.Testing;
using Holdfast.Testing.Policies;

namespace Holdfast.Linux.Tests.Policies;

/// <summary>"log" into the journal as every policy.</summary>
public sealed class JournalConformanceTests : IdempotentConformance, IDisposable
{
    private readonly Scratch _scratch = new("journal");
    private readonly JournalDouble _journal;

    public JournalConformanceTests()
    {
        _journal = new(_scratch.PathOf("socket"));
        _journal.Listen();
        Policy = new LogPolicy(new JournalSink(_scratch.PathOf("socket"), TextWriter.Null));
    }

    protected override IPolicy Policy { get; }

    protected override Rule Rule { get; } = new() { Name = "note", When = new(), Policy = "log" };

    public void Dispose()
    {
        _journal.Dispose();
        _scratch.Dispose();
    }

    protected override IReadOnlyList<PolicyEffect> Effects() =>
    [
        .. _journal.Lines().Select(fields => new PolicyEffect(
            fields.Single(field => field.Name == "HOLDFAST_KEY").Value,
            fields.Single(field => field.Name == "HOLDFAST_NOTICE").Value)),
    ];

    /// <summary>C11: a journal that takes nothing is a failed attempt, which is tried again.</summary>
    [Fact]
    public async Task A_journal_that_takes_nothing_is_a_failed_attempt()
    {
        _journal.Dispose();
        await File.WriteAllTextAsync(_scratch.PathOf("socket"), "");
        PolicyOutcome outcome = await Policy.ApplyAsync(PolicyRequests.Ordinary(Rule), CancellationToken.None);
        Assert.Equal(Core.Records.DeliveryState.Failed, outcome.State);
        Assert.Equal("the journal cannot be written to: " + nameof(SocketError.ConnectionRefused), outcome.Detail);
    }
}
