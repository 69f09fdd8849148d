// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Daemon.Media;
using Holdfast.Failures;
using Holdfast.Testing;

namespace Holdfast.Daemon.Tests.Media;

/// <summary>
/// Goal: a probe never speaks of another device than the one that was blamed, and what it cannot take is counted.
/// Method: images, and names that mean another device when the reading is over.
/// </summary>
public sealed class DeviceProbesTests : IDisposable
{
    private static readonly ByteRangeSet Blamed = ByteRangeSet.From([new(4096, 4096)]);

    private readonly Scratch _scratch = new("probes");
    private readonly CancellationTokenSource _stop = new();
    private readonly Intake _intake = new();

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task What_reads_is_dismissed()
    {
        DeviceIdentity device = Image("disk.img");
        DeviceProbes probes = Start(name => name == device.Name ? device : null);
        probes.Reported(device, Blamed);
        Report report = await _intake.NextAsync();
        Assert.Equal((MediumState.Readable, device), (report.Medium, report.Device));
        Assert.Equal(Blamed, report.Ranges);
    }

    /// <summary>
    /// The disk was pulled and another one has its name: that one's good bytes must not dismiss what the first one
    /// lost. Whether it was so before the reading or came to be so meanwhile.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Another_device_under_the_old_name_dismisses_nothing(int asksBefore)
    {
        DeviceIdentity device = Image("disk.img");
        DeviceIdentity other = device with { Identity = "serial:OTHER" };
        DeviceIdentity witness = Image("witness.img");
        int asked = 0;
        DeviceProbes probes = Start(name => name == witness.Name ? witness
            : name == device.Name ? (asked++ < asksBefore ? device : other) : null);
        probes.Reported(device, Blamed);
        // One that is looked at later, and told first.
        await Running.Until.TrueAsync(() => Task.FromResult(asked > asksBefore));
        probes.Reported(witness, Blamed);
        Assert.Equal(witness, (await _intake.NextAsync()).Device);
        Assert.False(_intake.HasMore);
    }

    /// <summary>Under another name it is the same device.</summary>
    [Fact]
    public async Task The_device_is_found_under_its_new_name()
    {
        DeviceIdentity old = Image("disk.img") with { Name = "/dev/gone", Identity = "serial:T" };
        DeviceIdentity now = old with { Name = _scratch.PathOf("disk.img") };
        DeviceProbes probes = Start(name => name == old.Identity ? now : null);
        probes.Reported(old, Blamed);
        Assert.Equal("serial:T", (await _intake.NextAsync()).Device.Identity);
    }

    [Fact]
    public void What_does_not_fit_is_counted()
    {
        DeviceIdentity device = Image("disk.img");
        var lost = new List<(string, long)>();
        var probes = new DeviceProbes(
            _ => Task.FromResult<IReadOnlyList<(DeviceIdentity, ByteRange)>>([]),
            (producer, count) => lost.Add((producer, count)), new OwnReads(TimeProvider.System), _ => device);
        ByteRangeSet most = Scattered(65_536);
        probes.Reported(device, most);
        Assert.Empty(lost);
        probes.Reported(device, Blamed);
        probes.Reported(device, Scattered(7));
        // Another device has room of its own.
        probes.Reported(device with { Identity = "serial:OTHER" }, most);
        Assert.Equal([("probe", 1L), ("probe", 8L)], lost);
    }

    private DeviceProbes Start(Func<string, DeviceIdentity?> find)
    {
        var probes = new DeviceProbes(
            _ => Task.FromResult<IReadOnlyList<(DeviceIdentity, ByteRange)>>([]), (_, _) => { },
            new OwnReads(TimeProvider.System), find);
        _ = probes.RunAsync(_intake, _stop.Token);
        return probes;
    }

    private DeviceIdentity Image(string name)
    {
        string path = _scratch.SparseFile(name, 1 << 20);
        return new($"path:{path}", false, path, 1 << 20);
    }

    private static ByteRangeSet Scattered(int count) =>
        ByteRangeSet.From(Enumerable.Range(0, count).Select(i => new ByteRange(i * 8192L, 512)));

    private sealed class Intake : IReportIntake
    {
        private readonly Channel<Report> _reports = Channel.CreateUnbounded<Report>();

        internal bool HasMore => _reports.Reader.TryPeek(out _);

        internal Task<Report> NextAsync() =>
            _reports.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public Task<ReportReceipt> ReportAsync(Report report, CancellationToken cancellationToken)
        {
            _reports.Writer.TryWrite(report);
            return Task.FromResult(new ReportReceipt(1, false, []));
        }

        public void Offer(Report report) => throw new InvalidOperationException("nothing is offered");
    }
}
