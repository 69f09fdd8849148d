// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Core;
using Holdfast.Core.Configuration;
using Holdfast.Core.Queries;
using Holdfast.Core.Records;

namespace Holdfast.Daemon;

/// <summary>What requests are answered from.</summary>
internal sealed record DaemonServices(
    Notifier Notifier, DaemonConfiguration Configuration, Func<string, DeviceIdentity?> FindDevice,
    Counters Counters, DateTimeOffset Started, string Version, CancellationToken Stopping)
{
    private static readonly TimeSpan CountEvery = TimeSpan.FromMinutes(1);
    private (long Commits, Stopwatch Age)? _counted;
    private NotifierStatus _lastStatus = new(0, 0, 0, 0, 0, 0, 0, 0, null, 0, 0);

    /// <summary>What does not work as it should, found by the daemon's own checks.</summary>
    internal Degradations Degradations { get; } = new();

    /// <summary>What the daemon itself reads of devices.</summary>
    internal Media.OwnReads OwnReads { get; } = new(TimeProvider.System);

    internal Scanning.ScanSchedule Scans { get; } = new();

    /// <summary>As it was when somebody last asked; the supervisor does once a minute while it changes.</summary>
    internal NotifierStatus LastStatus => Volatile.Read(ref _lastStatus);

    internal async Task<NotifierStatus> StatusAsync(CancellationToken cancellationToken)
    {
        NotifierStatus status = await Notifier.StatusAsync(cancellationToken);
        Volatile.Write(ref _lastStatus, status);
        return status;
    }

    /// <summary>
    /// The ledger answers; how things stand is counted again only now and then, and where something was written since:
    /// with a million open failures that takes a while.
    /// </summary>
    internal async Task<NotifierStatus> StatusOfLateAsync(CancellationToken cancellationToken)
    {
        await Notifier.AnswerAsync(cancellationToken);
        long commits = Notifier.Ledger.Commits;
        bool isFresh = _counted is { } at && (commits == at.Commits || at.Age.Elapsed < CountEvery);
        if (isFresh) return LastStatus;
        _counted = (commits, Stopwatch.StartNew());
        return await StatusAsync(cancellationToken);
    }

    /// <summary>Everything that does not work as it should, in words.</summary>
    internal IReadOnlyList<string> Degraded()
    {
        var degraded = new List<string>(Degradations.All);
        if (Notifier.Ledger.Trouble is { } trouble && !degraded.Contains(trouble)) degraded.Add(trouble);
        if (Notifier.Spool.Dropped is > 0 and var dropped)
        {
            degraded.Add(string.Create(CultureInfo.InvariantCulture, $"{dropped} reports did not fit into the spool"));
        }

        return degraded;
    }
}
