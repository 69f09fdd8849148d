// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Failures;

namespace Holdfast.Testing.Producers;

/// <summary>How an intake treats what it is brought.</summary>
public enum Mood
{
    Takes,

    /// <summary>Says that the ledger is away; nothing of it is kept.</summary>
    Refuses,

    /// <summary>Takes it, and the answer is lost: whoever brought it cannot know.</summary>
    TakesAndLosesTheAnswer,

    /// <summary>Does not answer until told to stop.</summary>
    Hangs,

    /// <summary>Takes a while for each.</summary>
    IsSlow,
}

/// <summary>An intake that remembers what it was brought, in whatever mood.</summary>
public sealed class MoodyIntake(Mood mood, int times = int.MaxValue) : IReportIntake
{
    private readonly ConcurrentDictionary<string, string> _contents = new();
    private readonly ConcurrentQueue<ByteRange> _accepted = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    /// <summary>Ends when it was brought something for the first time.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Keys that came with one content and then with another.</summary>
    public ConcurrentQueue<string> Confused { get; } = new();

    public IEnumerable<string> Keys => _contents.Keys;

    /// <summary>All bytes that count as reported, whether the answer arrived or not.</summary>
    public ByteRangeSet Accepted => ByteRangeSet.From(_accepted);

    public async Task<ReportReceipt> ReportAsync(Report report, CancellationToken cancellationToken)
    {
        string content = $"{report.Device.Identity} {report.IsComplete} {string.Join(' ', report.Ranges)}";
        if (_contents.GetOrAdd(report.Key, content) != content) Confused.Enqueue(report.Key);
        bool isMoody = Interlocked.Increment(ref _calls) <= times;
        _asked.TrySetResult();
        switch (isMoody ? mood : Mood.Takes)
        {
            case Mood.Refuses:
                throw new LedgerUnavailableException("the disk is full");
            case Mood.Hangs:
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            case Mood.IsSlow:
                await Task.Delay(5, cancellationToken);
                break;
        }

        foreach (ByteRange range in report.Ranges) _accepted.Enqueue(range);
        return isMoody && mood == Mood.TakesAndLosesTheAnswer
            ? throw new LedgerUnavailableException("fsync failed: nobody knows")
            : new(1, false, []);
    }

    public void Offer(Report report)
    {
        foreach (ByteRange range in report.Ranges) _accepted.Enqueue(range);
        _asked.TrySetResult();
    }
}
