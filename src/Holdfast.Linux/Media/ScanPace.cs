// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Media;

/// <summary>
/// How long a scan rests between reads: by its rate, and by what others do with the device meanwhile (the counters of
/// /sys/block/DEVICE/stat, block/stat.rst).
/// </summary>
internal sealed class ScanPace
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    private readonly ScanOptions _options;
    private readonly string? _statistics;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _looked = Stopwatch.GetTimestamp();
    private long _requests;
    private long _own;
    private long _bytes;
    private bool _isUsed;

    internal ScanPace(string device, ScanOptions options, KernelRoots roots)
    {
        _options = options;
        _statistics = options.IsGentle && BlockDevice.At(device, roots) is { } found
            ? Path.Combine(roots.Sys, "dev/block", found.Number.ToString(), "stat")
            : null;
        _requests = Requests();
    }

    /// <summary>To be called after each read.</summary>
    /// <param name="factor">So many times as long as the read took it rests where others use the device.</param>
    internal void After(int length, TimeSpan took, int factor)
    {
        _bytes += length;
        _own++;
        if (_statistics is not null && Stopwatch.GetElapsedTime(_looked) > LookEvery) Look(length);
        TimeSpan pause = _isUsed ? took * factor : TimeSpan.Zero;
        if (_options.RateMax is { } rate)
        {
            TimeSpan ahead = TimeSpan.FromSeconds((double)_bytes / rate) - Stopwatch.GetElapsedTime(_started);
            if (ahead > pause) pause = ahead;
        }

        if (pause > TimeSpan.FromMilliseconds(1)) Thread.Sleep(pause < PauseMax ? pause : PauseMax);
    }

    private void Look(int length)
    {
        long now = Requests();
        // A read of ours may be several requests of the device.
        long ours = _own * Math.Max(1, length / (64 << 10));
        _isUsed = now - _requests > ours;
        (_requests, _own, _looked) = (now, 0, Stopwatch.GetTimestamp());
    }

    /// <summary>Reads and writes that were completed since the device is there.</summary>
    private long Requests()
    {
        if (_statistics is null) return 0;
        try
        {
            string[] fields = File.ReadAllText(_statistics).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length < 5 ? 0
                : long.Parse(fields[0], CultureInfo.InvariantCulture) + long.Parse(
                    fields[4], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
