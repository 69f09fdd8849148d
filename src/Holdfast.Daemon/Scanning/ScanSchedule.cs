// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Configuration;
using Holdfast.Linux;

namespace Holdfast.Daemon.Scanning;

/// <summary>All scheduled scans.</summary>
internal sealed class ScanSchedule
{
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(5);

    private readonly List<ScheduledScan> _scans = [];

    internal IReadOnlyList<ScheduledScan> All => _scans;

    internal void Start(DaemonServices services)
    {
        string folder = Path.Combine(Path.GetDirectoryName(services.Configuration.LedgerPath)!, "scans");
        foreach (ConfiguredScan scan in services.Configuration.Scans)
        {
            var scheduled = new ScheduledScan(
                scan, Path.Combine(folder, scan.Name + ".map"), services.OwnReads, TimeProvider.System,
                KernelRoots.Real, what => services.Degradations.Set($"scan {scan.Name}", what), services.Stopping);
            _scans.Add(scheduled);
            services.Notifier.Start(scheduled);
        }
    }

    /// <returns>False where there is none of that name.</returns>
    internal bool TryStart(string name)
    {
        if (_scans.Find(at => at.Scan.Name == name) is not { } scan) return false;
        scan.Start();
        return true;
    }

    /// <summary>Once the daemon ends.</summary>
    internal Task StoppedAsync() => Task.WhenAll(_scans.Select(scan => scan.StoppedAsync(StopTimeMax)));
}
