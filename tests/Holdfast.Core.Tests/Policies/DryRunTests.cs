// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Policies;
using Holdfast.Core.Records;
using Holdfast.Failures;

namespace Holdfast.Core.Tests.Policies;

/// <summary>C14: a dry run puts on record whom an effect would have hit, and has no effect.</summary>
public sealed class DryRunTests : IDisposable
{
    private static readonly DeviceIdentity Disk = new("serial:DRY", true, "/dev/sdx", 1 << 30);

    private readonly NotifierPlace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("names", "dry run: signal them: 12 db")]
    [InlineData("silent", "dry run: signal them")]
    [InlineData("throws", "dry run: signal them: what that would hit is not known: no /proc")]
    [InlineData("hangs", "dry run: signal them: what that would hit is not known: no answer within 00:00:00.1000000")]
    public async Task Whom_it_would_have_hit_is_on_record(string how, string record)
    {
        var policy = new RehearsingPolicy(how);
        await using Notifier notifier = await StartAsync(policy);
        await notifier.ReportAsync(
            NotifierPlace.ReportOf("1", Disk, new ByteRange(4096, 512)) with { Medium = MediumState.Confirmed },
            _place.Limit);
        Guid id = (await notifier.ListAsync(new(), _place.Limit)).Items[0].Failure.Id;
        PartyDelivery? delivery = null;
        while (delivery is not { State: DeliveryState.Ignored })
        {
            Task next = Task.Delay(20, _place.Limit);
            delivery = (await notifier.ShowAsync(id, _place.Limit))!.Deliveries.SingleOrDefault();
            await next;
        }

        Assert.Equal(record, delivery.Reason);
        Assert.False(policy.HasActed);
    }

    private Task<Notifier> StartAsync(IPolicy policy) => Notifier.StartAsync(
        _place.Options with
        {
            Rules = new(
                [new Rule
                {
                    Name = "tell", When = new(), Policy = "rehearse", Acts = true,
                    Timeout = TimeSpan.FromMilliseconds(100),
                }], "hash", true)
            {
                Acting = new() { Enabled = true, IsDryRun = true },
            },
            Parties = [new("oncall", new(null, null, null, null))],
            Policies = [policy],
            Push = new() { Grace = TimeSpan.FromMilliseconds(100) },
        },
        _place.Limit);

    private sealed class RehearsingPolicy(string how) : IPolicy
    {
        internal bool HasActed { get; private set; }

        public string Name => "rehearse";

        public EffectKind Effect => EffectKind.AtMostOnce;

        public Task<PolicyOutcome> ApplyAsync(PolicyRequest request, CancellationToken cancellationToken)
        {
            HasActed = true;
            return Task.FromResult(new PolicyOutcome(DeliveryState.Done, null));
        }

        public string Describe(Rule rule) => "signal them";

        public async Task<string?> RehearseAsync(PolicyRequest request, CancellationToken cancellationToken)
        {
            // Deaf to being stopped.
            if (how == "hangs") await new TaskCompletionSource().Task;
            if (how == "throws") throw new IOException("no /proc");
            return how == "names" ? "12 db" : null;
        }
    }
}
