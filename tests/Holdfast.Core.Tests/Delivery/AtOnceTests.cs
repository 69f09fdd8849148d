// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Delivery;

/// <summary>
/// What is told in the commit that makes it durable, and what goes its usual way because its filesystem does not answer
/// at once.
/// </summary>
public sealed class AtOnceTests : IDisposable
{
    private static readonly PartyFilter All = new(null, null, null, null);
    private static readonly DeviceIdentity Disk = new("serial:ONCE", true, "/dev/sdx", 1 << 30);

    private readonly NotifierPlace _place = new();
    private readonly Filesystem _filesystem = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task A_live_filesystem_is_told_of_with_the_one_commit_that_makes_it_durable()
    {
        await using Notifier notifier = await StartAsync();
        await OpenAsync(notifier);
        long commits = notifier.Ledger.Commits;
        await ReportAsync(notifier, 1 << 20);
        Assert.Equal(commits + 1, notifier.Ledger.Commits);
        FeedItem told = (await FeedAsync(notifier)).Items[^1];
        Assert.Equal((1 << 20, true, true), (told.Notice.Range.Offset, told.Notice.IsComplete, told.Notice.IsDurable));
        Assert.Equal("at once", Encoding.UTF8.GetString(told.Notice.Impacts.Span));
    }

    [Fact]
    public async Task Who_listens_is_handed_what_the_ledger_has_of_it()
    {
        await using Notifier notifier = await StartAsync();
        await OpenAsync(notifier);
        Party party = await notifier.PutPartyAsync("p", All, null, _place.Limit);
        long before = (await notifier.FeedAsync(party, 0, 1000, _place.Limit)).Next;
        FeedTurn turn = notifier.NextTurn;
        await ReportAsync(notifier, 1 << 20, 2 << 20, 3 << 20);
        FeedNews news = (await turn.News)!;
        // Whoever takes this one next has missed nothing.
        Assert.True(notifier.NextTurn.Follows(turn));
        FeedPage page = await notifier.FeedAsync(party, before, 1000, _place.Limit);
        Assert.Equal(3, page.Items.Count);
        Assert.Equal(before, news.After);
        Check(page, news.PageAfter(before, party.Filter)!);
        Assert.Null(news.PageAfter(before - 1, party.Filter));
        PartyFilter elsewhere = party.Filter with { Filesystem = Guid.NewGuid().ToString() };
        FeedPage none = news.PageAfter(before, elsewhere)!;
        Assert.Empty(none.Items);
        Assert.Equal(page.Next, none.Next);
        // What goes the usual way is read from the ledger.
        _filesystem.AtOnce = How.Declines;
        turn = notifier.NextTurn;
        await ReportAsync(notifier, 4 << 20);
        await NextAsync(notifier, 4 << 20);
        Assert.Null(await turn.News);
        FeedTurn first = turn;
        turn = notifier.NextTurn;
        _filesystem.AtOnce = How.Declines;
        await ReportAsync(notifier, 5 << 20);
        await NextAsync(notifier, 5 << 20);
        // It heard of the one before last.
        Assert.False(notifier.NextTurn.Follows(first));
        Assert.False(turn.Follows(turn));
    }

    private static void Check(FeedPage expected, FeedPage actual)
    {
        Assert.Equal((expected.Next, expected.IsEnd), (actual.Next, actual.IsEnd));
        Assert.Equal(
            expected.Items.Select(item => Convert.ToHexString(item.Notice.Impacts.Span)),
            actual.Items.Select(item => Convert.ToHexString(item.Notice.Impacts.Span)));
        Assert.Equal(expected.Items.Select(Bare), actual.Items.Select(Bare));
    }

    private static (Notice Notice, DeviceIdentity Device, FilesystemIdentity? Filesystem) Bare(FeedItem item) =>
        (item.Notice with { Impacts = default }, item.Device, item.Filesystem);

    /// <summary>Never before what was there earlier.</summary>
    [Fact]
    public async Task What_waits_from_before_goes_out_first()
    {
        await using Notifier notifier = await StartAsync();
        await OpenAsync(notifier);
        // The usual way hangs with the first.
        _filesystem.AtOnce = How.Declines;
        _filesystem.IsStuck = true;
        await ReportAsync(notifier, 1 << 20);
        _filesystem.AtOnce = How.Answers;
        await ReportAsync(notifier, 2 << 20);
        Assert.Equal(
            [1 << 20, 2 << 20], (await FeedAsync(notifier)).Items.Select(at => at.Notice.Range.Offset).TakeLast(2));
        _filesystem.Free();
        await ReportAsync(notifier, 3 << 20);
        await NextAsync(notifier, 3 << 20);
        Assert.Equal(
            [1 << 20, 2 << 20, 3 << 20],
            (await FeedAsync(notifier)).Items.Select(at => at.Notice.Range.Offset).TakeLast(3));
    }

    [Theory]
    [InlineData("Declines")]
    [InlineData("Throws")]
    [InlineData("Hangs")]
    public async Task Who_does_not_answer_at_once_is_asked_the_usual_way(string how)
    {
        await using Notifier notifier = await StartAsync();
        await OpenAsync(notifier);
        _filesystem.AtOnce = Enum.Parse<How>(how);
        var waited = Stopwatch.StartNew();
        await ReportAsync(notifier, 1 << 20);
        // Longer than the writer may wait, and shorter than what hangs does.
        Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20));
        FeedItem told = await NextAsync(notifier, 1 << 20);
        Assert.Equal("the usual way", Encoding.UTF8.GetString(told.Notice.Impacts.Span));
        // It is left in peace then.
        int asked = _filesystem.AskedAtOnce;
        await ReportAsync(notifier, 2 << 20);
        Assert.Equal("the usual way", Encoding.UTF8.GetString(
            (await NextAsync(notifier, 2 << 20)).Notice.Impacts.Span));
        Assert.Equal(how == "Declines" ? asked + 1 : asked, _filesystem.AskedAtOnce);
    }

    [Fact]
    public async Task Many_at_once_go_the_usual_way()
    {
        await using Notifier notifier = await StartAsync();
        await OpenAsync(notifier);
        int asked = _filesystem.AskedAtOnce;
        await ReportAsync(notifier, [.. Enumerable.Range(1, 17).Select(i => (long)i << 20)]);
        await NextAsync(notifier, 17 << 20);
        Assert.Equal(asked, _filesystem.AskedAtOnce);
    }

    /// <summary>
    /// The answer to a question that was put too early is taken only where it was about the same bytes.
    /// </summary>
    [Fact]
    public async Task The_question_is_put_while_the_report_is_taken_in()
    {
        await using Notifier notifier = await StartAsync();
        await OpenAsync(notifier);
        int asked = _filesystem.AskedAtOnce;
        await ReportAsync(notifier, 1 << 20);
        Assert.Equal(asked + 1, _filesystem.AskedAtOnce);
        // Nothing new: asked in vain.
        var known = new ByteRange(1 << 20, 512);
        await notifier.ReportAsync(NotifierPlace.ReportOf("again", Disk, [known]), _place.Limit);
        Assert.Equal(asked + 2, _filesystem.AskedAtOnce);
        FeedItem told = (await FeedAsync(notifier)).Items[^1];
        Assert.Equal((known, 1), (told.Notice.Range, told.Notice.Revision));
        // Half of it is known: what is told of is all that hangs together.
        var grown = new ByteRange((1 << 20) + 256, 768);
        await notifier.ReportAsync(NotifierPlace.ReportOf("grown", Disk, [grown]), _place.Limit);
        told = (await FeedAsync(notifier)).Items[^1];
        Assert.NotEqual(grown, told.Notice.Range);
        Assert.Equal([told.Notice.Range], _filesystem.LastAsked);
        Assert.Equal("at once", Encoding.UTF8.GetString(told.Notice.Impacts.Span));
    }

    /// <summary>It is opened beside all else: a report that is too early goes the usual way.</summary>
    private async Task OpenAsync(Notifier notifier)
    {
        await notifier.PutHolderAsync(NotifierPlace.Live("h", Disk, 1 << 30), _place.Limit);
        for (long at = 0; _filesystem.AskedAtOnce == 0; at += 4096)
        {
            await ReportAsync(notifier, at);
            await NextAsync(notifier, at);
        }
    }

    private Task<ReportReceipt> ReportAsync(Notifier notifier, params long[] offsets) => notifier.ReportAsync(
        NotifierPlace.ReportOf($"{offsets[0]}", Disk, [.. offsets.Select(offset => new ByteRange(offset, 512))]),
        _place.Limit);

    private async Task<FeedPage> FeedAsync(Notifier notifier)
    {
        Party party = await notifier.PutPartyAsync("p", All, null, _place.Limit);
        return await notifier.FeedAsync(party, 0, 1000, _place.Limit);
    }

    private async Task<FeedItem> NextAsync(Notifier notifier, long offset)
    {
        while (true)
        {
            Task news = notifier.NextNotice;
            if ((await FeedAsync(notifier)).Items.LastOrDefault(at => at.Notice.Range.Offset == offset) is { } told)
            {
                return told;
            }

            await news.WaitAsync(_place.Limit);
        }
    }

    private Task<Notifier> StartAsync() => Notifier.StartAsync(
        _place.Options with
        {
            Resolvers = _filesystem,
            // Long enough for a machine that has other things to do.
            Publisher = new() { AtOnceTimeMax = TimeSpan.FromSeconds(1), AtOnceRest = TimeSpan.FromMinutes(1) },
        },
        _place.Limit);

    private enum How
    {
        Answers,
        Declines,
        Throws,
        Hangs,
    }

    private sealed class Filesystem : IResolverSource, IRangeResolver
    {
        private readonly TaskCompletionSource _free = new();

        internal How AtOnce { get; set; }

        internal bool IsStuck { get; set; }

        internal int AskedAtOnce { get; private set; }

        internal IReadOnlyList<ByteRange> LastAsked { get; private set; } = [];

        internal void Free() => _free.TrySetResult();

        public Task<IRangeResolver?> OpenAsync(RecoveredHolder holder, CancellationToken cancellationToken) =>
            Task.FromResult<IRangeResolver?>(this);

        public async Task<IReadOnlyList<ResolvedRange>> ResolveAsync(
            long device, IReadOnlyList<ByteRange> ranges, ByteRangeSet knownBad, CancellationToken cancellationToken)
        {
            if (IsStuck) await _free.Task;
            return Answers(ranges, "the usual way"u8.ToArray());
        }

        public Task<IReadOnlyList<ResolvedRange>?> ResolveAtOnceAsync(
            long device, IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken)
        {
            AskedAtOnce++;
            LastAsked = ranges;
            return AtOnce switch
            {
                How.Answers => Task.FromResult<IReadOnlyList<ResolvedRange>?>(Answers(ranges, "at once"u8.ToArray())),
                How.Declines => Task.FromResult<IReadOnlyList<ResolvedRange>?>(null),
                How.Throws => throw new IOException("not at once"),
                _ => new TaskCompletionSource<IReadOnlyList<ResolvedRange>?>().Task,
            };
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static ResolvedRange[] Answers(IReadOnlyList<ByteRange> ranges, byte[] impacts) =>
            [.. ranges.Select(_ => new ResolvedRange(impacts, true, null))];
    }
}
