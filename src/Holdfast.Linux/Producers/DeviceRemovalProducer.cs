// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Intake;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Producers;

/// <summary>What the ledger has to do with devices that come and go.</summary>
/// <param name="StandingOf">Of an identity.</param>
/// <param name="Absent">Devices that the ledger holds to be away.</param>
public sealed record DeviceStandings(
    Func<string, CancellationToken, Task<DeviceStanding>> StandingOf,
    Func<CancellationToken, Task<IReadOnlyList<DeviceIdentity>>> Absent);

/// <summary>
/// Block devices that go and come back (C13), from the kernel's messages of it: one that somebody holds, or that has
/// failed bytes, is absent while it is away, the whole of it, which is no failure of its medium. All others pass.
/// </summary>
public sealed class DeviceRemovalProducer(
    KernelRoots roots, IEventListener listener, DeviceStandings standings) : IProducer
{
    public const string Source = "kernel:device";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>A ledger that takes longer is away: what was seen goes into memory then.</summary>
    private static readonly TimeSpan LedgerTimeMax = TimeSpan.FromSeconds(2);

    /// <summary>Who each node was while it was there: of one that is gone sysfs tells nothing. By its name.</summary>
    private Dictionary<string, DeviceIdentity> _present = [];
    private bool _hasLooked;

    public string Name => "devices";

    public async Task RunAsync(IReportIntake intake, CancellationToken cancellationToken)
    {
        // Listened to before it is looked around: nothing falls in between.
        using UeventSocket socket = UeventSocket.Open();
        await LookAsync(intake, "look", cancellationToken);
        while (true)
        {
            await Task.Factory.StartNew(
                () => socket.Wait(LookEvery), cancellationToken, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            List<Uevent> messages = Take(socket, out bool isLost);
            foreach (Uevent message in messages)
            {
                if (message.Action == Uevent.Removed) await RemovedAsync(intake, message, cancellationToken);
                else await ThereAsync(intake, message, cancellationToken);
            }

            if (!isLost) continue;
            listener.Lost(Name, -1);
            await LookAsync(intake, "after-loss", cancellationToken);
        }
    }

    /// <summary>All that wait, but for what is no block device's.</summary>
    private static List<Uevent> Take(UeventSocket socket, out bool isLost)
    {
        const int batchMax = 4096;
        var messages = new List<Uevent>();
        isLost = false;
        for (int i = 0; i < batchMax && socket.TryTake(out ReadOnlySpan<byte> text, out bool isSome); i++)
        {
            isLost |= isSome;
            if (Uevent.TryParse(text, out Uevent message) && message is { Subsystem: "block", Device: not null })
            {
                messages.Add(message);
            }
        }

        return messages;
    }

    /// <summary>Holds what is there against what was there, and against what the ledger holds to be away.</summary>
    private async Task LookAsync(IReportIntake intake, string why, CancellationToken cancellationToken)
    {
        Dictionary<string, DeviceIdentity> now = [];
        foreach (DeviceIdentity device in DeviceIdentities.All(roots)) now[device.Name] = device;
        var there = now.Values.Select(device => device.Identity).ToHashSet();
        if (_hasLooked)
        {
            foreach (DeviceIdentity gone in _present.Values.Where(device => !there.Contains(device.Identity)))
            {
                await AwayAsync(intake, gone, $"{why}:{Guid.CreateVersion7():N}", cancellationToken);
            }
        }

        (_present, _hasLooked) = (now, true);
        foreach (DeviceIdentity absent in await standings.Absent(cancellationToken))
        {
            // A file that was an image's device is none that comes and goes.
            if (now.Values.FirstOrDefault(device => device.Identity == absent.Identity) is not { } back) continue;
            await BackAsync(intake, back, $"{why}:{Guid.CreateVersion7():N}", cancellationToken);
        }
    }

    private async Task RemovedAsync(IReportIntake intake, Uevent message, CancellationToken cancellationToken)
    {
        string node = NodeOf(message);
        // It may be there again already, as whoever: that is told by a message of its own.
        if (!_present.TryGetValue(node, out DeviceIdentity? gone)) return;
        await AwayAsync(intake, gone, $"{message.Sequence}", cancellationToken);
        // Not before: should this run fall, the next one's look finds it missing.
        _present.Remove(node);
    }

    private async Task ThereAsync(IReportIntake intake, Uevent message, CancellationToken cancellationToken)
    {
        string node = NodeOf(message);
        if (DeviceIdentities.Find(node, roots) is not { } device) return;
        DeviceIdentity? before = _present.GetValueOrDefault(node);
        _present[node] = device;
        if (before?.Identity == device.Identity) return;
        await BackAsync(intake, device, $"{message.Sequence}", cancellationToken);
    }

    private async Task AwayAsync(
        IReportIntake intake, DeviceIdentity device, string key, CancellationToken cancellationToken)
    {
        if (device.Size is not > 0) return;
        DeviceStanding standing = await standings.StandingOf(device.Identity, cancellationToken);
        if (!standing.IsHeld && !standing.IsFailing) return;
        // Another path to the same disk, or a partition that was taken away and given again at once.
        if (DeviceIdentities.All(roots).Any(now => now.Identity == device.Identity)) return;
        var whole = ByteRangeSet.From([new ByteRange(0, device.Size.Value)]);
        await SendAsync(intake, device, MediumState.Gone, whole, key, cancellationToken);
    }

    private async Task BackAsync(
        IReportIntake intake, DeviceIdentity device, string key, CancellationToken cancellationToken)
    {
        DeviceStanding standing = await standings.StandingOf(device.Identity, cancellationToken);
        if (standing.Absent.IsEmpty) return;
        await SendAsync(intake, device, MediumState.Readable, standing.Absent, key, cancellationToken);
    }

    private async Task SendAsync(
        IReportIntake intake, DeviceIdentity device, MediumState medium, ByteRangeSet ranges, string key,
        CancellationToken cancellationToken)
    {
        string boot = File.ReadAllText(Path.Combine(roots.Proc, "sys/kernel/random/boot_id")).Trim();
        var report = new Report
        {
            Key = $"{Source}:{boot}:{key}:{device.Identity}",
            Source = Source,
            Time = DateTimeOffset.UtcNow,
            Device = device,
            Kind = FailureKind.Absent,
            Medium = medium,
            Basis = ReportBasis.Error,
            Ranges = ranges,
        };
        try
        {
            await intake.ReportAsync(report, cancellationToken).WaitAsync(LedgerTimeMax, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The message does not come again; under its key it is the same report, should it have arrived.
            intake.Offer(report);
        }
    }

    private string NodeOf(in Uevent message) => Path.Combine(roots.Dev, message.Device!);
}
