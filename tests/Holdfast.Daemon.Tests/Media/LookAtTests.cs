// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Holdfast.Core.Intake;
using Holdfast.Core.Records;
using Holdfast.Daemon.Media;
using Holdfast.Failures;
using Holdfast.Linux;
using Holdfast.Linux.Devices;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests.Media;

/// <summary>Careful reading of what is blamed, and of what nobody blames.</summary>
public sealed class LookAtTests
{
    private const int Page = 4096;

    [RootFact(Needs.Root, FailingImage.Program, "losetup")]
    public async Task Of_what_nobody_blames_only_what_fails_is_told()
    {
        using var scratch = new Scratch("probe");
        ByteRange bad = new((3 << 20) + (7 * Page), Page);
        using var failing = new FailingImage(
            scratch.SparseFile("disk.img", 16 << 20), scratch, FailingImage.SectorsOf(bad.Offset, bad.Length));
        using LoopDevice loop = LoopDevice.Attach(failing.Path, readOnly: true);
        DeviceIdentity device = DeviceIdentities.Find(loop.Path, KernelRoots.Real)!;
        var intake = new Taking();
        using var stop = new CancellationTokenSource();
        var probes = new DeviceProbes(
            _ => Task.FromResult<IReadOnlyList<(DeviceIdentity, ByteRange)>>([]), (_, _) => { },
            new OwnReads(TimeProvider.System), name => DeviceIdentities.Find(name, KernelRoots.Real));
        Task running = probes.RunAsync(intake, stop.Token);

        probes.LookAt(device, ByteRangeSet.From([new ByteRange(0, 8 << 20)]));
        Report confirmed = await intake.NextAsync();
        Assert.Equal((MediumState.Confirmed, ReportBasis.Probe), (confirmed.Medium, confirmed.Basis));
        Assert.Equal([bad], confirmed.Ranges);
        // Had the good bytes been told, that would come before this.
        probes.Reported(device, ByteRangeSet.From([new ByteRange(0, Page)]));
        Report readable = await intake.NextAsync();
        Assert.Equal(MediumState.Readable, readable.Medium);
        Assert.Equal([new(0, Page)], readable.Ranges);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private sealed class Taking : IReportIntake
    {
        private readonly Channel<Report> _reports = Channel.CreateUnbounded<Report>();

        internal async Task<Report> NextAsync()
        {
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            return await _reports.Reader.ReadAsync(late.Token);
        }

        public Task<ReportReceipt> ReportAsync(Report report, CancellationToken cancellationToken)
        {
            Offer(report);
            return Task.FromResult(new ReportReceipt(1, false, []));
        }

        public void Offer(Report report) => _reports.Writer.TryWrite(report);
    }
}
