// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Holdfast.Linux.Media;

/// <summary>
/// How long a scan rests between reads: by its rate, and by what others do with the disk meanwhile. What the disk did
/// beyond the scan's own bytes was others: bytes are known exactly, while a read becomes as many requests as the kernel
/// likes.
/// </summary>
internal sealed class ScanPace : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PauseLeast = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    /// <summary>While others use the disk it rests so many times as long as it reads.</summary>
    private const int FactorUsual = 9;
    private const int FactorMax = 199;

    private readonly ScanOptions _options;
    private readonly DeviceActivity? _disks;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _looked = Stopwatch.GetTimestamp();
    private Activity _before;
    private Activity _own;
    private long _bytes;
    private bool _isUsed;
    private int _factor = FactorUsual;

    internal ScanPace(string device, ScanOptions options, KernelRoots roots)
    {
        _options = options;
        _disks = options.IsGentle ? DeviceActivity.Open(device, roots) : null;
        if (_disks is not null) _before = _disks.Read();
    }

    /// <summary>To be called after each read.</summary>
    /// <param name="isStopped">Asked while it rests: a scan that is told to stop does not rest to the end.</param>
    internal void After(int length, TimeSpan took, CancellationToken isStopped)
    {
        _bytes += length;
        if (_disks is not null)
        {
            // Those of one read wait side by side.
            int requests = (int)(((long)length + _disks.RequestMax - 1) / _disks.RequestMax);
            _own += new Activity(requests, length, took * requests);
            if (Stopwatch.GetElapsedTime(_looked) > LookEvery) Look(_disks.Read());
        }

        TimeSpan pause = _isUsed ? took * _factor : TimeSpan.Zero;
        if (_options.RateMax is { } rate)
        {
            TimeSpan ahead = TimeSpan.FromSeconds((double)_bytes / rate) - Stopwatch.GetElapsedTime(_started);
            if (ahead > pause) pause = ahead;
        }

        if (pause > PauseLeast) isStopped.WaitHandle.WaitOne(pause < PauseMax ? pause : PauseMax);
    }

    public void Dispose() => _disks?.Dispose();

    private void Look(Activity now)
    {
        Activity others = now - _before - _own;
        _isUsed = others.Bytes > 0;
        _factor = NextFactor(_factor, others, _options.LatencyMax);
        (_before, _own, _looked) = (now, default, Stopwatch.GetTimestamp());
    }

    /// <summary>
    /// Doubled while others wait for too long, and one less while they do not: it is back soon enough.
    /// </summary>
    internal static int NextFactor(int factor, Activity others, TimeSpan? latencyMax)
    {
        // Requests are only guessed: where the guess leaves none, nothing is known of how long they last.
        if (latencyMax is not { } most || others.Bytes <= 0 || others.Requests <= 0) return factor;
        return others.Busy / others.Requests > most ? Math.Min(factor * 2, FactorMax) : Math.Max(factor - 1, 1);
    }
}
