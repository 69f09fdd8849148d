// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;
using Holdfast.Core;
using Holdfast.Core.Configuration;
using Holdfast.Core.Intake;
using Holdfast.Core.Ledger;
using Holdfast.Core.Records;
using Holdfast.Daemon.Filesystems;
using Holdfast.Daemon.Supervision;
using Holdfast.Failures;
using Holdfast.Testing;
using Holdfast.Testing.Producers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Daemon.Tests;

/// <summary>The spool's folder is a producer like any other (C1).</summary>
public sealed class SpoolConformanceTests : ProducerConformance, IAsyncLifetime, IDisposable
{
    private static readonly DeviceIdentity Disk = new("serial:TEST", true, "/dev/sdx", 1 << 30);

    private readonly Scratch _scratch = new("spool");
    private DaemonConfiguration _configuration = new();
    private Notifier? _notifier;

    public async Task InitializeAsync()
    {
        _configuration = new() { SpoolPath = _scratch.PathOf("spool"), LedgerPath = _scratch.PathOf("ledger.db") };
        _notifier = await Notifier.StartAsync(
            new()
            {
                OpenLedger = () => FailureLedger.Open(_configuration.LedgerPath, TimeProvider.System),
                Time = TimeProvider.System,
                Random = new Random(1),
                Host = "test",
                Resolvers = new XfsResolvers((_, _) => Task.FromResult<string?>(null)),
            },
            default);
    }

    public async Task DisposeAsync() => await _notifier!.DisposeAsync();

    public void Dispose() => _scratch.Dispose();

    protected override ByteRangeSet Source()
    {
        var spool = new SpoolFolder(_configuration.SpoolPath, 1 << 20);
        RangeJson[] ranges = [new(0, 512), new(8192, 1024), new(65536, 4096)];
        for (int i = 0; i < ranges.Length; i++)
        {
            spool.Add(
                new() { Key = $"k{i}", Source = "test", Device = "/dev/sdx", Basis = "error", Ranges = [ranges[i]] },
                DateTimeOffset.UnixEpoch.AddSeconds(i));
        }

        return ByteRangeSet.From(ranges.Select(range => new ByteRange(range.Offset, range.Length)));
    }

    protected override IProducer NewProducer()
    {
        var services = new DaemonServices(
            _notifier!, _configuration, _ => Disk, new Counters(), DateTimeOffset.UnixEpoch, "test",
            CancellationToken.None);
        return new SpoolProducer(services, NullLogger.Instance, TimeSpan.FromMilliseconds(5));
    }
}
