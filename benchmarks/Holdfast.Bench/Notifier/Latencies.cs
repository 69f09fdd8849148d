// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Holdfast.Bench.Notifier;

/// <summary>How long each of many things took.</summary>
internal sealed class Latencies
{
    private readonly List<long> _ticks = [];
    private bool _isSorted;

    internal int Count => _ticks.Count;

    internal void Since(long timestamp) => Add(Stopwatch.GetTimestamp() - timestamp);

    internal void Between(long from, long to) => Add(to - from);

    internal void Add(Latencies other)
    {
        _ticks.AddRange(other._ticks);
        _isSorted = false;
    }

    /// <param name="share">0.5: the median.</param>
    internal double Milliseconds(double share)
    {
        if (_ticks.Count == 0) return double.NaN;
        if (!_isSorted) _ticks.Sort();
        _isSorted = true;
        int at = Math.Min((int)(_ticks.Count * share), _ticks.Count - 1);
        return _ticks[at] * 1e3 / Stopwatch.Frequency;
    }

    private void Add(long ticks)
    {
        _ticks.Add(ticks);
        _isSorted = false;
    }
}
