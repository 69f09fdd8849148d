// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Threading.Channels;
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Delivery;

/// <summary>C12: open failures are resolved again, on schedule and when somebody looks; what is news is told.</summary>
public sealed class ResolvedAgainTests : IDisposable
{
    private static readonly DeviceIdentity Disk = new("serial:TEST", true, "/dev/sdx", 1 << 30);
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(20);

    private readonly NotifierPlace _place = new();
    private readonly ChangingFilesystem _filesystem = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task What_was_free_and_is_allocated_now_is_told_and_told_once()
    {
        await using Notifier notifier = await StartAsync(Often);
        Party party = await PrepareAsync(notifier);
        await notifier.ReportAsync(ReportOf("a", new(4096, 512)), default);
        Assert.Equal("free", ImpactsOf((await FeedOfAsync(notifier, party, 1))[0]));

        _filesystem.Answer = "a file";
        List<FeedItem> told = await FeedOfAsync(notifier, party, 2);
        Assert.Equal((NoticeCause.ResolvedAgain, "a file"), (told[1].Notice.Cause, ImpactsOf(told[1])));
        Assert.Equal((told[0].Notice.Failure, told[0].Notice.Range), (told[1].Notice.Failure, told[1].Notice.Range));
        await _filesystem.AskedAsync(4);
        Assert.Equal(2, (await FeedOfAsync(notifier, party, 2)).Count);
    }

    [Fact]
    public async Task What_the_filesystem_did_not_answer_is_asked_again_until_it_does()
    {
        _filesystem.Fault = new IOException("it is busy");
        await using Notifier notifier = await StartAsync(Often);
        Party party = await PrepareAsync(notifier);
        await notifier.ReportAsync(ReportOf("a", new(4096, 512)), default);
        FeedItem first = (await FeedOfAsync(notifier, party, 1))[0];
        Assert.Contains("it is busy", first.Notice.Gap, StringComparison.Ordinal);
        _filesystem.Fault = null;
        FeedItem second = (await FeedOfAsync(notifier, party, 2))[1];
        Assert.Equal((true, "free"), (second.Notice.IsComplete, ImpactsOf(second)));
    }

    [Fact]
    public async Task What_is_settled_is_asked_about_no_more()
    {
        await using Notifier notifier = await StartAsync(Often);
        Party party = await PrepareAsync(notifier);
        ReportReceipt settled = await notifier.ReportAsync(ReportOf("a", new(4096, 512)), default);
        await notifier.ReportAsync(ReportOf("b", new(65536, 512)), default);
        await FeedOfAsync(notifier, party, 2);
        await notifier.ClearAsync(settled.Failures[0].Id, ContentState.Restored, "root", null, default);
        await FeedOfAsync(notifier, party, 3);
        _filesystem.Answer = "a file";
        await FeedOfAsync(notifier, party, 4);
        await _filesystem.AskedAsync(3);
        List<FeedItem> told = await FeedOfAsync(notifier, party, 4);
        Assert.Equal([65536L], told.Skip(3).Select(item => item.Notice.Range.Offset));
    }

    [Fact]
    public async Task What_grew_in_order_is_compared_part_by_part_and_what_was_joined_is_told_as_one()
    {
        await using Notifier notifier = await StartAsync(Often);
        Party party = await PrepareAsync(notifier);
        await notifier.ReportAsync(ReportOf("a", new(0, 512)), default);
        await notifier.ReportAsync(ReportOf("b", new(512, 512)), default);
        await FeedOfAsync(notifier, party, 2);
        await _filesystem.AskedAsync(3);
        Assert.Equal(2, (await FeedOfAsync(notifier, party, 2)).Count);

        await notifier.ReportAsync(ReportOf("c", new(2048, 512)), default);
        await notifier.ReportAsync(ReportOf("d", new(1024, 1024)), default);
        List<FeedItem> told = await FeedOfAsync(notifier, party, 5);
        Assert.Equal((NoticeCause.ResolvedAgain, new ByteRange(0, 2560)), (told[4].Notice.Cause, told[4].Notice.Range));
        await _filesystem.AskedAsync(3);
        Assert.Equal(5, (await FeedOfAsync(notifier, party, 5)).Count);
    }

    [Fact]
    public async Task Who_looks_at_a_failure_sees_it_as_it_is_now()
    {
        await using Notifier notifier = await StartAsync(Never);
        Party party = await PrepareAsync(notifier);
        ReportReceipt receipt = await notifier.ReportAsync(ReportOf("a", new(4096, 512)), default);
        await FeedOfAsync(notifier, party, 1);
        Assert.Single((await notifier.ShowAsync(receipt.Failures[0].Id, default))!.Notices);
        _filesystem.Answer = "a file";
        FailureDetail? detail = await notifier.ShowAsync(receipt.Failures[0].Id, default);
        Assert.Equal("a file", Encoding.UTF8.GetString(detail!.Notices[^1].Impacts.Span));
    }

    /// <summary>C11: a filesystem that hangs hangs nobody who only looks.</summary>
    [Fact]
    public async Task Who_looks_does_not_wait_for_a_filesystem_that_hangs()
    {
        await using Notifier notifier = await StartAsync(Never);
        Party party = await PrepareAsync(notifier);
        ReportReceipt receipt = await notifier.ReportAsync(ReportOf("a", new(4096, 512)), default);
        await FeedOfAsync(notifier, party, 1);
        _filesystem.IsHung = true;
        FailureDetail? detail = await notifier.ShowAsync(receipt.Failures[0].Id, default);
        Assert.Equal("free", Encoding.UTF8.GetString(detail!.Notices[^1].Impacts.Span));
    }

    private static string ImpactsOf(FeedItem item) => Encoding.UTF8.GetString(item.Notice.Impacts.Span);

    private static async Task<List<FeedItem>> FeedOfAsync(Notifier notifier, Party party, int count)
    {
        while (true)
        {
            Task news = notifier.NextNotice;
            FeedPage page = await notifier.FeedAsync(party, 0, 100, default);
            if (page.Items.Count >= count) return [.. page.Items];
            await news.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    private static Report ReportOf(string key, ByteRange range) => NotifierPlace.ReportOf(key, Disk, range);

    private static async Task<Party> PrepareAsync(Notifier notifier)
    {
        await notifier.PutHolderAsync(NotifierPlace.Live("fs", Disk), default);
        return await notifier.PutPartyAsync("me", new(null, null, null, null), null, default);
    }

    private Task<Notifier> StartAsync(TimeSpan again) => Notifier.StartAsync(
        _place.Options with
        {
            Resolvers = _filesystem,
            Publisher = new()
            {
                AgainEvery = again, AgainFirst = again, AgainWaitMax = TimeSpan.FromSeconds(1),
                ResolveTimeMax = TimeSpan.FromSeconds(again == Often ? 0.1 : 5),
            },
        },
        default);

    /// <summary>Says of every range what it is told to say.</summary>
    private sealed class ChangingFilesystem : IResolverSource, IRangeResolver
    {
        private readonly Channel<int> _asked = Channel.CreateUnbounded<int>();

        internal volatile string Answer = "free";

        internal volatile Exception? Fault;

        internal volatile bool IsHung;

        /// <summary>Waits until it was asked so often from now on.</summary>
        internal async Task AskedAsync(int times)
        {
            while (_asked.Reader.TryRead(out _))
            {
            }

            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            for (int i = 0; i < times; i++) await _asked.Reader.ReadAsync(late.Token);
        }

        public Task<IRangeResolver?> OpenAsync(RecoveredHolder holder, CancellationToken cancellationToken) =>
            Task.FromResult<IRangeResolver?>(this);

        public async Task<IReadOnlyList<ResolvedRange>> ResolveAsync(
            long device, IReadOnlyList<ByteRange> ranges, ByteRangeSet knownBad, CancellationToken cancellationToken)
        {
            _asked.Writer.TryWrite(ranges.Count);
            if (IsHung) await new TaskCompletionSource().Task;
            if (Fault is { } fault) throw fault;
            return [.. ranges.Select(_ => new ResolvedRange(Encoding.UTF8.GetBytes(Answer), true, null))];
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
