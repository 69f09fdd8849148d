// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Holdfast.Core.Delivery;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Delivery;

/// <summary>
/// C6, C8. Goal: two filesystems that turn out to be one have one order from then on, also for what was taken up when
/// they were two. Method: both have a delivery that failed once; the later one's next attempt is due first.
/// </summary>
public sealed class MovedDeliveryTests : IDisposable
{
    private static readonly PartyFilter All = new(null, null, null, null);
    private static readonly DeviceIdentity Old = new("serial:OLD", true, "/dev/sdx", 1 << 30);
    private static readonly DeviceIdentity New = new("serial:NEW", true, "/dev/sdy", 1 << 30);

    private readonly NotifierPlace _place = new();
    private readonly FailingOncePolicy _policy = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData(false, new long[] { 2, 1 })]
    [InlineData(true, new long[] { 1, 2 })]
    public async Task A_later_delivery_that_waits_for_its_next_attempt_lets_the_earlier_one_go_first(
        bool isMoved, long[] order)
    {
        await using Notifier notifier = await StartAsync();
        Holder old = await notifier.PutHolderAsync(NotifierPlace.Live("old", Old), _place.Limit);
        await ReportAsync(notifier, Old);
        Assert.Equal(1, await _policy.Failed.Reader.ReadAsync(_place.Limit));
        await notifier.ReleaseHolderAsync("old", old.Epoch, _place.Limit);
        Holder there = await notifier.PutHolderAsync(NotifierPlace.Live("new", New), _place.Limit);
        await ReportAsync(notifier, New);
        Assert.Equal(2, await _policy.Failed.Reader.ReadAsync(_place.Limit));
        await notifier.JudgeInstanceAsync(there.Instance!.Value, isMoved, "root", _place.Limit);
        var done = new List<long>();
        while (!order.All(done.Contains)) done.Add(await _policy.Done.Reader.ReadAsync(_place.Limit));
        // What the judgement itself tells is not of interest.
        Assert.Equal(order, done.Where(order.Contains));
    }

    private Task<ReportReceipt> ReportAsync(Notifier notifier, DeviceIdentity device) => notifier.ReportAsync(
        NotifierPlace.ReportOf(device.Identity, device, new ByteRange(4096, 512)), _place.Limit);

    private Task<Notifier> StartAsync() => Notifier.StartAsync(
        _place.Options with
        {
            Rules = new([new Rule { Name = "tell", When = new(), Policy = "fail-once" }], "hash", false),
            Parties = [new("oncall", All)],
            Policies = [_policy],
        },
        _place.Limit);

    /// <summary>Asks for much patience with the first notice, and for less with any other.</summary>
    private sealed class FailingOncePolicy : IPolicy
    {
        private readonly HashSet<long> _seen = [];

        internal Channel<long> Failed { get; } = Channel.CreateUnbounded<long>();

        internal Channel<long> Done { get; } = Channel.CreateUnbounded<long>();

        public string Name => "fail-once";

        public EffectKind Effect => EffectKind.Idempotent;

        public async Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
        {
            long sequence = request.Notices[0].Sequence!.Value;
            bool isFirst;
            lock (_seen) isFirst = _seen.Add(sequence);
            await (isFirst ? Failed : Done).Writer.WriteAsync(sequence, cancellationToken);
            return isFirst
                ? new(DeliveryState.Failed, "not now", TimeSpan.FromSeconds(sequence == 1 ? 6 : 2))
                : new(DeliveryState.Done, null);
        }

        public string Describe(Rule rule) => "fail at first";
    }
}
