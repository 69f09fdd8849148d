// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Testing.Producers;
using Xunit.Sdk;

namespace Holdfast.Core.Tests.Producers;

/// <summary>Producers that break a promise each: the conformance suite must see it, or it proves nothing.</summary>
public sealed class BrokenProducerTests
{
    private static readonly DeviceIdentity Disk = new("serial:TEST", true, "/dev/sdx", 1 << 30);

    /// <summary>The doubles' own way, unbroken, passes.</summary>
    [Fact]
    public async Task One_that_keeps_its_promises_passes()
    {
        await new Suite(Break.Nothing).All_that_its_source_holds_is_reported_and_nothing_else();
        await new Suite(Break.Nothing).What_was_refused_comes_again_under_the_same_key();
        await new Suite(Break.Nothing).What_may_have_been_accepted_comes_again_under_the_same_key();
        await new Suite(Break.Nothing).What_was_never_accepted_is_still_there_for_the_next_run();
        await new Suite(Break.Nothing).What_a_run_was_broken_off_at_has_the_same_key_in_the_next();
        await new Suite(Break.Nothing).It_stops_when_it_is_told_to();
        await new Suite(Break.Nothing).A_slow_ledger_loses_nothing();
    }

    [Fact]
    public Task One_that_is_done_with_what_was_refused() =>
        RefusedAsync(new Suite(Break.DoneTooEarly).What_was_never_accepted_is_still_there_for_the_next_run);

    [Fact]
    public Task One_that_gives_up_what_is_refused() =>
        RefusedAsync(new Suite(Break.GivesUp).What_was_refused_comes_again_under_the_same_key);

    [Fact]
    public async Task One_that_makes_a_new_key_for_each_attempt()
    {
        await RefusedAsync(new Suite(Break.NewKeys).What_was_refused_comes_again_under_the_same_key);
        await RefusedAsync(new Suite(Break.NewKeys).What_may_have_been_accepted_comes_again_under_the_same_key);
        await RefusedAsync(new Suite(Break.NewKeys).What_a_run_was_broken_off_at_has_the_same_key_in_the_next);
    }

    [Fact]
    public Task One_that_uses_one_key_for_everything() =>
        RefusedAsync(new Suite(Break.OneKey).All_that_its_source_holds_is_reported_and_nothing_else);

    [Fact]
    public Task One_that_is_deaf_to_being_stopped() =>
        RefusedAsync(new Suite(Break.Deaf).It_stops_when_it_is_told_to);

    [Fact]
    public Task One_that_makes_things_up() =>
        RefusedAsync(new Suite(Break.MakesUp).All_that_its_source_holds_is_reported_and_nothing_else);

    private static async Task RefusedAsync(Func<Task> test) => await Assert.ThrowsAnyAsync<XunitException>(test);

    private enum Break
    {
        Nothing,
        DoneTooEarly,
        GivesUp,
        NewKeys,
        OneKey,
        Deaf,
        MakesUp,
    }

    private sealed class Suite(Break how) : ProducerConformance
    {
        private readonly Queue<ByteRange> _source = new([new(0, 512), new(8192, 1024), new(65536, 4096)]);

        protected override TimeSpan Patience => how == Break.Nothing ? base.Patience : TimeSpan.FromSeconds(1);

        protected override ByteRangeSet Source() => ByteRangeSet.From(_source);

        protected override IProducer NewProducer() => new Producer(how, _source);
    }

    private sealed class Producer(Break how, Queue<ByteRange> source) : IProducer
    {
        public string Name => "test";

        public async Task RunAsync(IReportIntake intake, CancellationToken cancellationToken)
        {
            CancellationToken heard = how == Break.Deaf ? CancellationToken.None : cancellationToken;
            while (source.TryPeek(out ByteRange range))
            {
                if (how == Break.DoneTooEarly) source.Dequeue();
                try
                {
                    await intake.ReportAsync(ReportOf(range), heard);
                }
                catch (LedgerUnavailableException) when (how == Break.GivesUp)
                {
                    // As if it were done.
                }

                if (how != Break.DoneTooEarly) source.Dequeue();
            }

            await Task.Delay(Timeout.Infinite, heard);
        }

        private Report ReportOf(ByteRange range) => new()
        {
            Key = how switch
            {
                Break.NewKeys => $"{Guid.NewGuid()}",
                Break.OneKey => "key",
                _ => $"key-{range.Offset}",
            },
            Source = "test",
            Device = Disk,
            Basis = ReportBasis.Error,
            Ranges = ByteRangeSet.From(how == Break.MakesUp ? [range, new(1 << 20, 512)] : [range]),
        };
    }
}
