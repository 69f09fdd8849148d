// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Delivery;
using Holdfast.Core.Policies;
using Polly;
using Polly.Retry;

namespace Holdfast.Core.Intake;

/// <summary>
/// Runs one producer as long as the notifier lives. What it throws, or that it ends by itself, is put on record, and it
/// is started again after a pause that grows; it takes nobody with it (C11).
/// </summary>
internal sealed class SupervisedProducer(
    IProducer producer, IReportIntake intake, TimeProvider time, LockedRandom random) : IReportIntake
{
    private const int FaultLengthMax = 512;

    /// <summary>Who ran for so long is not one who falls at once: the pauses begin anew.</summary>
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PauseFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private bool _hasRun;
    private ProducerState _state = new(producer.Name, false, 0, 0, 0, null, null);

    internal ProducerState State
    {
        get
        {
            lock (_lock) return _state;
        }
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        // Whoever starts it does not wait for what it does at once.
        await Task.Yield();
        ResiliencePipeline restarting = Restarting();
        while (true)
        {
            ResilienceContext context = ResilienceContextPool.Shared.Get(
                continueOnCapturedContext: true, cancellationToken);
            try
            {
                await restarting.ExecuteAsync(
                    static (at, self) => self.RunOnceAsync(at.CancellationToken), context, this);
            }
            finally
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }
    }

    public async Task<ReportReceipt> ReportAsync(Report report, CancellationToken cancellationToken)
    {
        ReportReceipt receipt = await intake.ReportAsync(report, cancellationToken);
        Change(state => state with { Reports = state.Reports + 1 });
        return receipt;
    }

    public void Offer(Report report)
    {
        intake.Offer(report);
        Change(state => state with { Offered = state.Offered + 1 });
    }

    private ResiliencePipeline Restarting() => new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new()
    {
        ShouldHandle = args => ValueTask.FromResult(!args.Context.CancellationToken.IsCancellationRequested),
        MaxRetryAttempts = int.MaxValue,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = PauseFirst,
        MaxDelay = PauseMax,
        Randomizer = random.NextDouble,
    }).Build();

    /// <summary>Throws when it has fallen; returns when it had run well for long before.</summary>
    private async ValueTask RunOnceAsync(CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        Change(state => state with { IsRunning = true, Restarts = state.Restarts + (_hasRun ? 1 : 0) });
        _hasRun = true;
        try
        {
            // One that is deaf to being told to stop is left to itself.
            await producer.RunAsync(this, cancellationToken).WaitAsync(cancellationToken);
            throw new InvalidOperationException("it ended by itself");
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            string why = PlainText.Of(Encoding.UTF8.GetBytes(fault.Message.Length > FaultLengthMax
                ? fault.Message[..FaultLengthMax]
                : fault.Message));
            Change(state => state with { IsRunning = false, LastFault = why, LastFaultTime = time.GetUtcNow() });
            if (time.GetElapsedTime(began) < SteadyAfter) throw;
            await Task.Delay(PauseFirst, time, cancellationToken);
        }
    }

    private void Change(Func<ProducerState, ProducerState> change)
    {
        lock (_lock) _state = change(_state);
    }
}
