// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Holdfast.Core.Delivery;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Core.Tests.Ledger;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Intake;

/// <summary>C11: a producer that falls is started again, and takes nobody with it.</summary>
public sealed class SupervisedProducerTests : IReportIntake
{
    private readonly StepTime _time = new();
    private readonly Channel<int> _runs = Channel.CreateUnbounded<int>();
    private int _offered;

    Task<ReportReceipt> IReportIntake.ReportAsync(Report report, CancellationToken cancellationToken) =>
        Task.FromResult(new ReportReceipt(1, false, []));

    void IReportIntake.Offer(Report report) => _offered++;

    [Fact]
    public async Task What_it_throws_is_on_record_and_it_runs_again_after_pauses_that_grow()
    {
        using var stop = new CancellationTokenSource();
        SupervisedProducer producer = Supervise(
            (run, _, _) => throw new IOException($"run {run} fell"));
        Task running = producer.RunAsync(stop.Token);
        await NextAsync();
        long began = _time.GetTimestamp();
        for (int run = 1; run < 8; run++)
        {
            await _time.PassAsync();
            Assert.Equal(run, await NextAsync());
        }

        // Seven pauses that doubled from a second, give or take Polly's jitter, and not seven seconds.
        Assert.True(_time.GetElapsedTime(began) > TimeSpan.FromSeconds(30));
        await _time.PassAsync();
        await NextAsync();
        Assert.Equal(8, producer.State.Restarts);
        Assert.EndsWith("fell", producer.State.LastFault, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task One_that_ends_by_itself_is_started_again_too()
    {
        using var stop = new CancellationTokenSource();
        SupervisedProducer producer = Supervise((run, _, _) => Task.CompletedTask);
        Task running = producer.RunAsync(stop.Token);
        await NextAsync();
        await _time.PassAsync();
        Assert.Equal(1, await NextAsync());
        Assert.Equal("it ended by itself", producer.State.LastFault);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task One_that_is_deaf_to_being_stopped_holds_up_nobody()
    {
        using var stop = new CancellationTokenSource();
        SupervisedProducer producer = Supervise((_, _, _) => new TaskCompletionSource().Task);
        Task running = producer.RunAsync(stop.Token);
        await NextAsync();
        Assert.True(producer.State.IsRunning);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task What_it_brings_is_counted()
    {
        using var stop = new CancellationTokenSource();
        var report = new Report
        {
            Key = "k", Source = "test", Device = new("serial:T", true, "/dev/sdx", null), Basis = ReportBasis.Error,
            Ranges = ByteRangeSet.From([new(0, 512)]),
        };
        var done = new TaskCompletionSource();
        SupervisedProducer producer = Supervise(async (_, intake, cancel) =>
        {
            await intake.ReportAsync(report, cancel);
            intake.Offer(report);
            intake.Offer(report);
            done.SetResult();
            await Task.Delay(Timeout.Infinite, cancel);
        });
        Task running = producer.RunAsync(stop.Token);
        await done.Task;
        Assert.Equal((1L, 2L, 2), (producer.State.Reports, producer.State.Offered, _offered));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private async Task<int> NextAsync() =>
        await _runs.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    private SupervisedProducer Supervise(Func<int, IReportIntake, CancellationToken, Task> run) =>
        new(new Producer(_runs.Writer, run), this, _time, new LockedRandom(1));

    private sealed class Producer(ChannelWriter<int> runs, Func<int, IReportIntake, CancellationToken, Task> run)
        : IProducer
    {
        private int _runs;

        public string Name => "test";

        public Task RunAsync(IReportIntake intake, CancellationToken cancellationToken)
        {
            runs.TryWrite(_runs);
            return run(_runs++, intake, cancellationToken);
        }
    }
}
