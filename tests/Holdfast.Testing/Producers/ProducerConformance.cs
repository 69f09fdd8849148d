// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Failures;
using Xunit;

namespace Holdfast.Testing.Producers;

/// <summary>
/// What every producer must do (C1). A new one passes by a class of its own that says what its source holds and how one
/// is made over it; one that is made later over the same source is what a restart makes of it.
/// </summary>
public abstract class ProducerConformance
{
    /// <summary>Nothing may take longer than this.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(60);

    /// <summary>All bytes that the source speaks of; the first call may make it.</summary>
    protected abstract ByteRangeSet Source();

    protected abstract IProducer NewProducer();

    [Fact]
    public async Task All_that_its_source_holds_is_reported_and_nothing_else()
    {
        ByteRangeSet source = Source();
        var intake = new MoodyIntake(Mood.Takes);
        await RunUntilAsync(intake, () => intake.Accepted.SequenceEqual(source));
        Assert.Empty(intake.Confused);
    }

    /// <summary>C1: refused is not accepted: it comes again, and as the same report.</summary>
    [Fact]
    public async Task What_was_refused_comes_again_under_the_same_key()
    {
        ByteRangeSet source = Source();
        var intake = new MoodyIntake(Mood.Refuses, times: 3);
        await RunUntilAsync(intake, () => intake.Accepted.SequenceEqual(source));
        Assert.Empty(intake.Confused);
        CheckKeys(intake, source);
    }

    /// <summary>C1: the ledger knows it by its key; under another one it would be a second report.</summary>
    [Fact]
    public async Task What_may_have_been_accepted_comes_again_under_the_same_key()
    {
        ByteRangeSet source = Source();
        var intake = new MoodyIntake(Mood.TakesAndLosesTheAnswer, times: 2);
        await RunUntilAsync(intake, () => intake.Accepted.SequenceEqual(source));
        Assert.Empty(intake.Confused);
        CheckKeys(intake, source);
    }

    /// <summary>C1: nothing of its source is done with before it is accepted.</summary>
    [Fact]
    public async Task What_was_never_accepted_is_still_there_for_the_next_run()
    {
        ByteRangeSet source = Source();
        var refuses = new MoodyIntake(Mood.Refuses);
        await RunUntilAsync(refuses, () => refuses.Asked.IsCompleted);
        var takes = new MoodyIntake(Mood.Takes);
        await RunUntilAsync(takes, () => takes.Accepted.SequenceEqual(source));
    }

    /// <summary>C1: a run that was broken off goes on, and what it brings twice has the same key.</summary>
    [Fact]
    public async Task What_a_run_was_broken_off_at_has_the_same_key_in_the_next()
    {
        ByteRangeSet source = Source();
        var hangs = new MoodyIntake(Mood.Hangs);
        await RunUntilAsync(hangs, () => hangs.Asked.IsCompleted);
        var takes = new MoodyIntake(Mood.Takes);
        await RunUntilAsync(takes, () => takes.Accepted.SequenceEqual(source));
        Assert.Subset(takes.Keys.ToHashSet(), hangs.Keys.ToHashSet());
    }

    /// <summary>C11: whoever is told to stop stops, whatever the ledger does.</summary>
    [Fact]
    public async Task It_stops_when_it_is_told_to()
    {
        Source();
        // What takes it comes last: after that there is nothing to be asked about.
        foreach (Mood mood in (Mood[])[Mood.Hangs, Mood.Refuses, Mood.Takes])
        {
            var intake = new MoodyIntake(mood);
            await RunUntilAsync(intake, () => intake.Asked.IsCompleted);
        }
    }

    [Fact]
    public async Task A_slow_ledger_loses_nothing()
    {
        ByteRangeSet source = Source();
        var intake = new MoodyIntake(Mood.IsSlow);
        await RunUntilAsync(intake, () => intake.Accepted.SequenceEqual(source));
    }

    /// <summary>Started again whenever it falls, as the daemon does; stopped once the condition holds.</summary>
    private async Task RunUntilAsync(MoodyIntake intake, Func<bool> isDone)
    {
        using var stop = new CancellationTokenSource();
        Task running = SuperviseAsync(NewProducer(), intake, stop.Token);
        using var late = new CancellationTokenSource(Patience);
        while (!isDone() && !late.IsCancellationRequested) await Task.Delay(5);
        bool isInTime = isDone();
        await stop.CancelAsync();
        Task first = await Task.WhenAny(running, Task.Delay(Patience));
        Assert.True(ReferenceEquals(first, running), "it does not stop when it is told to");
        Assert.True(isInTime, $"not what the source holds: {string.Join(' ', intake.Accepted)}");
    }

    private static async Task SuperviseAsync(IProducer producer, MoodyIntake intake, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Run(() => producer.RunAsync(intake, stop), CancellationToken.None);
            }
            catch (Exception)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>As many keys as an intake that takes everything at once is brought of the same source.</summary>
    private static void CheckKeys(MoodyIntake intake, ByteRangeSet source) => Assert.True(
        intake.Keys.Count() <= Math.Max(1, source.Count), $"{intake.Keys.Count()} keys for {source.Count} ranges");
}
