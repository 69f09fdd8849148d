// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Delivery;

/// <summary>
/// Publishes what has just become ready in the commit that makes it durable, where its filesystem answers at once: one
/// fsync lies between an error and those who must know. Only while nobody else waits for the ledger, and only for a
/// moment (C11): what has no answer by then goes its usual way. The ledger's writer's alone.
/// </summary>
internal sealed class AtOnce(IResolverSource source, TimeProvider time, PublisherOptions options) : IAsyncDisposable
{
    private const int InstancesMax = 4;
    private const int SectorSize = 512;

    private readonly Dictionary<long, Filesystem> _filesystems = [];

    /// <param name="Of">As it was when it was opened.</param>
    /// <param name="Opening">Null where it cannot be: tried again after a rest.</param>
    private sealed record Filesystem(Holder Of, Task<IRangeResolver?> Opening, DateTimeOffset Opened)
    {
        internal Task? Asked { get; set; }

        /// <summary>Put before the report that it is about was taken in.</summary>
        internal Question? Foreseen { get; set; }

        /// <summary>One that answered late is not asked with every report.</summary>
        internal DateTimeOffset RestUntil { get; set; }
    }

    /// <param name="Limit">Ends it; no timer does, which would cost a moment of the time there is.</param>
    private sealed record Question(
        long Device, ByteRange[] Ranges, Task<IReadOnlyList<ResolvedRange>?> Asked, CancellationTokenSource Limit);

    /// <summary>
    /// Opens the filesystem of a holder that can be asked, so that the first report finds it open, and lets go of those
    /// that nobody holds any more.
    /// </summary>
    internal void Prepare(LedgerSession session, Holder holder)
    {
        foreach (long instance in _filesystems.Keys.Where(at => HolderRows.OfInstance(session, at) is null).ToArray())
        {
            _filesystems.Remove(instance, out Filesystem? gone);
            _ = CloseAsync(gone!);
        }

        if (options.AtOnceMax > 0 && RecoveredHolder.From(holder) is { } recovered) _ = Open(recovered);
    }

    /// <summary>
    /// Puts the questions that a report is going to lead to, so that filesystems answer while it is taken in. In vain
    /// where it says nothing new, or the holder is another one by now: whoever takes the answer looks.
    /// </summary>
    internal void Foresee(LedgerSession session, Report report)
    {
        if (!session.IsAlone || report.IsComplete || report.Ranges.Count > options.AtOnceMax) return;
        Filesystem[] live = [.. _filesystems.Values.Where(at => CanBeAsked(at)).Take(InstancesMax + 1)];
        if (live.Length is 0 or > InstancesMax) return;
        if (DeviceRows.KnownNumberOf(session, report.Device.Identity) is not { } device) return;
        foreach (Filesystem filesystem in live)
        {
            ByteRange[] ranges = [.. filesystem.Of.Ranges.Where(at => at.Device == device)
                .SelectMany(at => report.Ranges.Within(at.Range))];
            if (ranges.Length > 0) filesystem.Foreseen = Put(filesystem, device, ranges);
        }
    }

    /// <summary>What was asked in vain need not be answered.</summary>
    internal void Forget()
    {
        foreach (Filesystem filesystem in _filesystems.Values)
        {
            filesystem.Foreseen?.Limit.Cancel();
            filesystem.Foreseen = null;
        }
    }

    /// <param name="news">What was published, if anything was.</param>
    /// <returns>Whether nothing is left that could be published now.</returns>
    internal bool TryPublish(LedgerSession session, out FeedNews? news)
    {
        news = null;
        if (!session.IsAlone || options.AtOnceMax == 0) return false;
        // What is no filesystem's that anybody knows is told of by the publisher.
        bool isAll = session.Scalar<long>(
            "SELECT EXISTS (SELECT 1 FROM notices WHERE state = 1 AND instance IS NULL)") == 0;
        int instances = 0;
        var published = new List<Notice>();
        foreach (long instance in Feed.ReadyInstances(session))
        {
            isAll &= ++instances <= InstancesMax && TryPublish(session, instance, published);
        }

        if (published.Count == 0) return isAll;
        // Nobody else publishes in this transaction: there is no gap between them.
        var names = new FeedNames(session);
        news = new(published[0].Sequence!.Value - 1, published.ConvertAll(names.ItemOf));
        return isAll;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(_filesystems.Values.Select(CloseAsync)).WaitAsync(options.ResolveTimeMax, time);
        }
        catch (TimeoutException)
        {
            // One that hangs is left to itself.
        }
    }

    private bool TryPublish(LedgerSession session, long instance, List<Notice> published)
    {
        List<Notice> notices = Feed.Ready(session, instance, options.AtOnceMax + 1);
        if (notices.Count > options.AtOnceMax) return false;
        if (HolderRows.OfInstance(session, instance) is not { } holder) return false;
        if (RecoveredHolder.From(holder) is not { } recovered) return false;
        if (Open(recovered) is not { } filesystem || Ask(filesystem, notices) is not { } answers) return false;
        for (int i = 0; i < notices.Count; i++)
        {
            if (Feed.Publish(session, notices[i], answers[i]) is { } notice) published.Add(notice);
        }

        return true;
    }

    /// <summary>It is open, has answered all that it was asked, and in time.</summary>
    private bool CanBeAsked(Filesystem filesystem) => filesystem.Opening is { IsCompleted: true, Result: not null }
        && filesystem.Asked is not { IsCompleted: false } && filesystem.RestUntil <= time.GetUtcNow();

    /// <summary>Opened while nobody waits for it: the next one finds it open.</summary>
    private Filesystem? Open(RecoveredHolder recovered)
    {
        if (_filesystems.TryGetValue(recovered.Instance, out Filesystem? known))
        {
            if (!known.Opening.IsCompleted) return null;
            if (known.Foreseen is null && known.Asked is { IsCompleted: false }) return null;
            if (known.Of.IsSameAs(recovered.Holder))
            {
                DateTimeOffset now = time.GetUtcNow();
                if (known.Opening.Result is not null) return now < known.RestUntil ? null : known;
                if (now < known.Opened + options.AtOnceRest) return null;
            }

            _ = CloseAsync(known);
        }

        _filesystems[recovered.Instance] = new(recovered.Holder, OpenAsync(recovered), time.GetUtcNow());
        return null;
    }

    private async Task<IRangeResolver?> OpenAsync(RecoveredHolder recovered)
    {
        // The writer does not wait for what opening does at once.
        await Task.Yield();
        try
        {
            IRangeResolver? resolver = await source.OpenAsync(recovered, CancellationToken.None);
            // The first question takes longer than all others: nobody waits for this one.
            ClaimedRange first = recovered.Holder.Ranges[0];
            var begin = new ByteRange(first.Range.Offset, Math.Min(first.Range.Length, SectorSize));
            if (resolver is not null) await resolver.ResolveAtOnceAsync(first.Device, [begin], CancellationToken.None);
            return resolver;
        }
        catch (Exception)
        {
            // The usual way says why.
            return null;
        }
    }

    /// <returns>Null where it does not answer now.</returns>
    private ResolvedRange[]? Ask(Filesystem filesystem, List<Notice> notices)
    {
        var answers = new ResolvedRange[notices.Count];
        foreach (IGrouping<long, int> device in Enumerable.Range(0, notices.Count).GroupBy(i => notices[i].Device))
        {
            int[] indexes = [.. device];
            ByteRange[] ranges = [.. indexes.Select(i => notices[i].Range)];
            if (Ask(filesystem, device.Key, ranges) is not { } found || found.Count != indexes.Length) return null;
            for (int i = 0; i < indexes.Length; i++) answers[indexes[i]] = found[i];
        }

        return answers;
    }

    private IReadOnlyList<ResolvedRange>? Ask(Filesystem filesystem, long device, ByteRange[] ranges)
    {
        Question? foreseen = filesystem.Foreseen;
        filesystem.Foreseen = null;
        bool isForeseen = foreseen is not null && foreseen.Device == device && foreseen.Ranges.SequenceEqual(ranges);
        // It is asked one question at a time.
        if (foreseen is not null && !isForeseen && !IsAnswered(foreseen)) return null;
        Question? question = isForeseen ? foreseen : Put(filesystem, device, ranges);
        if (question is not null && IsAnswered(question) && question.Asked.IsCompletedSuccessfully)
        {
            return question.Asked.Result;
        }

        filesystem.RestUntil = time.GetUtcNow() + options.AtOnceRest;
        return null;
    }

    /// <returns>Null where not even that can be done; the usual way says why.</returns>
    private Question? Put(Filesystem filesystem, long device, ByteRange[] ranges)
    {
        var limit = new CancellationTokenSource();
        try
        {
            Task<IReadOnlyList<ResolvedRange>?> asked =
                filesystem.Opening.Result!.ResolveAtOnceAsync(device, ranges, limit.Token);
            filesystem.Asked = asked;
            return new(device, ranges, asked, limit);
        }
        catch (Exception)
        {
            filesystem.RestUntil = time.GetUtcNow() + options.AtOnceRest;
            return null;
        }
    }

    /// <summary>Waits a moment.</summary>
    private bool IsAnswered(Question question)
    {
        try
        {
            if (question.Asked.Wait(options.AtOnceTimeMax, CancellationToken.None)) return true;
            question.Limit.Cancel();
            return false;
        }
        catch (AggregateException)
        {
            return true;
        }
    }

    private static async Task CloseAsync(Filesystem filesystem)
    {
        try
        {
            if (await filesystem.Opening is { } resolver) await resolver.DisposeAsync();
        }
        catch (Exception)
        {
            // Whatever it says in closing concerns nobody any more.
        }
    }
}
