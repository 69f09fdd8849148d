// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Ledger;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Delivery;

/// <summary>
/// Resolves and publishes the notices of one filesystem instance, in order, and resolves again what is open. Each
/// instance has its own lane, so that one that hangs holds up nobody else (C11).
/// </summary>
internal sealed class InstanceLane : IAsyncDisposable
{
    private readonly FailureLedger _ledger;
    private readonly TimeProvider _time;
    private readonly PublisherOptions _options;
    private readonly FeedListeners _listeners;
    private readonly InstanceQuestions _questions;
    private readonly AgainSchedule _again;
    private readonly long _instance;
    private readonly Signal _signal = new();

    internal InstanceLane(
        FailureLedger ledger, IResolverSource resolvers, TimeProvider time, PublisherOptions options,
        FeedListeners listeners, long instance)
    {
        _ledger = ledger;
        _time = time;
        _options = options;
        _listeners = listeners;
        _instance = instance;
        _questions = new(resolvers, time, options);
        _again = new(time, options);
    }

    internal void Wake() => _signal.Raise();

    /// <summary>
    /// Has one failure resolved again; ends when that is done, or cannot be. Whoever waits has a limit of their own.
    /// </summary>
    internal Task AskAgainAsync(Guid failure)
    {
        Task done = _again.Ask(failure);
        _signal.Raise();
        return done;
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        // Whoever starts a lane does not wait for what it does at once.
        await Task.Yield();
        bool isUnsure = false;
        while (true)
        {
            try
            {
                if (isUnsure) _listeners.Wake();
                isUnsure = false;
                if (await PublishSomeAsync(cancellationToken)) continue;
                if (!await AskAgainAsync(cancellationToken)) await RestAsync(cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The ledger says itself what is wrong with it. Whether something was published it says too.
                isUnsure = true;
                await Task.Delay(TimeSpan.FromSeconds(1), _time, cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => _questions.DisposeAsync();

    /// <summary>A filesystem that nobody asks about is let go: its holder may want to be alone with it.</summary>
    private async Task RestAsync(CancellationToken cancellationToken)
    {
        TimeSpan untilRound = _again.UntilNext();
        if (_questions.IsOpen)
        {
            TimeSpan rest = untilRound < _options.CloseAfter ? untilRound : _options.CloseAfter;
            if (await _signal.WaitAsync(rest, _time, cancellationToken) || rest == untilRound) return;
            await _questions.CloseAsync();
            untilRound = _again.UntilNext();
        }

        await _signal.WaitAsync(untilRound, _time, cancellationToken);
    }

    /// <returns>Whether there was anything to do.</returns>
    private async Task<bool> PublishSomeAsync(CancellationToken cancellationToken)
    {
        (List<Notice> notices, Holder? holder, Dictionary<long, ByteRangeSet> bad) = await _ledger.ReadAsync(
            Ask, cancellationToken);
        if (notices.Count == 0) return false;
        (ResolvedRange? Answer, string? Why)[] answers = await _questions.AskAsync(
            [.. notices.Select(notice => (notice.Device, notice.Range))], holder, bad, cancellationToken);
        // What was published with a gap because nothing answered is asked again before long.
        if (Array.Exists(answers, at => at.Answer is null)) _again.Soon();
        for (int from = 0; from < notices.Count; from += _options.WriteMax)
        {
            int first = from;
            int end = Math.Min(notices.Count, from + _options.WriteMax);
            await _ledger.WriteAsync(
                session =>
                {
                    // Another filesystem may have taken its place meanwhile: then it is superseded, and stays so.
                    for (int i = first; i < end; i++)
                    {
                        Feed.Publish(session, notices[i], answers[i].Answer ?? new(default, false, answers[i].Why));
                    }

                    return true;
                },
                cancellationToken);
            _listeners.Wake();
        }

        return true;
    }

    private (List<Notice> Notices, Holder? Holder, Dictionary<long, ByteRangeSet> Bad) Ask(LedgerSession session)
    {
        List<Notice> notices = Feed.Ready(session, _instance, _options.BatchMax);
        return (
            notices, notices.Count == 0 ? null : HolderRows.OfInstance(session, _instance),
            KnownBad(session, notices.Select(notice => notice.Device)));
    }

    /// <returns>Whether there was anything to do.</returns>
    private async Task<bool> AskAgainAsync(CancellationToken cancellationToken)
    {
        if (_again.IsIdle) return false;
        Guid? wanted = _again.Wanted;
        Guid after = _again.After;
        (List<AgainQuestion> questions, Guid? next, Holder? holder, Dictionary<long, ByteRangeSet> bad) =
            await _ledger.ReadAsync(session => AskAgain(session, wanted, after), cancellationToken);
        if (holder is null)
        {
            _again.Unheld(wanted);
            return true;
        }

        // A round sees the filesystem as it is now, and not as it was when it was last opened.
        if (wanted is null && after == Guid.Empty && questions.Count > 0) await _questions.CloseAsync();
        bool isAnswered = true;
        if (questions.Count > 0)
        {
            (ResolvedRange? Answer, string? Why)[] answers = await _questions.AskAsync(
                [.. questions.Select(at => (at.Device, at.Range))], holder, bad, cancellationToken);
            isAnswered = !Array.Exists(answers, at => at.Answer is null);
            bool isTold = await _ledger.WriteAsync(session => Tell(session, questions, answers), cancellationToken);
            if (isTold) _listeners.Wake();
        }

        _again.Done(wanted, next, isAnswered);
        return true;
    }

    private (List<AgainQuestion> Questions, Guid? Next, Holder? Holder, Dictionary<long, ByteRangeSet> Bad) AskAgain(
        LedgerSession session, Guid? wanted, Guid after)
    {
        Holder? holder = HolderRows.OfInstance(session, _instance);
        if (holder is null || RecoveredHolder.From(holder) is null) return ([], null, null, []);
        (List<AgainQuestion> questions, Guid? next) = wanted is { } failure
            ? (AnswerAgain.Of(session, _instance, failure), null)
            : AnswerAgain.Page(session, _instance, after, _options.BatchMax);
        return (questions, next, holder, KnownBad(session, questions.Select(at => at.Device)));
    }

    private bool Tell(
        LedgerSession session, List<AgainQuestion> questions, (ResolvedRange? Answer, string? Why)[] answers)
    {
        bool isTold = false;
        for (int i = 0; i < questions.Count; i++)
        {
            if (answers[i].Answer is { } answer) isTold |= AnswerAgain.Tell(session, _instance, questions[i], answer);
        }

        return isTold;
    }

    private static Dictionary<long, ByteRangeSet> KnownBad(LedgerSession session, IEnumerable<long> devices) =>
        devices.Distinct().ToDictionary(device => device, device => FailureQueries.KnownBad(session, device));
}
