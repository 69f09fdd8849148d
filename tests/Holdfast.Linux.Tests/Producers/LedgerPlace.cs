// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Core;
using Holdfast.Core.Holders;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Testing;

namespace Holdfast.Linux.Tests.Producers;

/// <summary>A notifier on a ledger of one test, and what stands in it.</summary>
internal sealed class LedgerPlace : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Scratch _scratch;

    private LedgerPlace(Scratch scratch, Notifier notifier) => (_scratch, Notifier) = (scratch, notifier);

    internal Notifier Notifier { get; }

    internal static async Task<LedgerPlace> StartAsync()
    {
        var scratch = new Scratch("ledger");
        return new(scratch, await Notifier.StartAsync(
            new()
            {
                OpenLedger = () => FailureLedger.Open(scratch.PathOf("ledger.db"), TimeProvider.System),
                Time = TimeProvider.System,
                Random = new Random(1),
                Host = "test",
                Resolvers = new NoResolvers(),
            },
            default));
    }

    /// <summary>"media suspect unknown 4096+512" for each failure that says anything, by place.</summary>
    internal async Task<string[]> FactsAsync(string identity)
    {
        if (await Notifier.FindDeviceAsync(identity, default) is not { } device) return [];
        FailurePage page = await Notifier.ListAsync(
            new() { Device = device, IsOpen = null, Limit = FailureQuery.LimitMax }, default);
        return
        [
            .. page.Items.Select(view => view.Failure).Where(failure => failure.MergedInto is null)
                .OrderBy(failure => failure.Range).Select(at =>
                    $"{at.Kind} {at.Medium} {at.Content} {at.Range}".ToLowerInvariant()),
        ];
    }

    internal async Task UntilAsync(string identity, params string[] facts)
    {
        var waited = Stopwatch.StartNew();
        string[] now = [];
        while (waited.Elapsed < Patience)
        {
            now = await FactsAsync(identity);
            if (now.SequenceEqual(facts)) return;
            await Task.Delay(10);
        }

        Assert.Equal(facts, now);
    }

    internal Task<ReportReceipt> ReportAsync(
        DeviceIdentity device, string source, MediumState medium, params ByteRange[] ranges) =>
        Notifier.ReportAsync(
            new()
            {
                Key = Guid.NewGuid().ToString(), Source = source, Device = device, Medium = medium,
                Basis = ReportBasis.Probe, Ranges = ByteRangeSet.From(ranges),
            },
            default);

    /// <summary>Says that the whole of a device is away.</summary>
    internal Task<ReportReceipt> AbsentAsync(DeviceIdentity device) => Notifier.ReportAsync(
        new()
        {
            Key = Guid.NewGuid().ToString(), Source = "somebody", Device = device, Kind = FailureKind.Absent,
            Medium = MediumState.Gone, Basis = ReportBasis.Claim,
            Ranges = ByteRangeSet.From([new ByteRange(0, device.Size!.Value)]),
        },
        default);

    public async ValueTask DisposeAsync()
    {
        await Notifier.DisposeAsync();
        _scratch.Dispose();
    }

    private sealed class NoResolvers : IResolverSource
    {
        public Task<IRangeResolver?> OpenAsync(RecoveredHolder holder, CancellationToken cancellationToken) =>
            Task.FromResult<IRangeResolver?>(null);
    }
}
