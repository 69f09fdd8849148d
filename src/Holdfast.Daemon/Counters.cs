// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon;

/// <summary>Counted since the start, for /metrics.</summary>
internal sealed class Counters
{
    private long _reports;
    private long _duplicates;
    private long _ranges;
    private long _refused;

    internal long Reports => Interlocked.Read(ref _reports);

    internal long Duplicates => Interlocked.Read(ref _duplicates);

    internal long Ranges => Interlocked.Read(ref _ranges);

    internal long Refused => Interlocked.Read(ref _refused);

    internal void Reported(int ranges, bool isDuplicate)
    {
        Interlocked.Increment(ref _reports);
        Interlocked.Add(ref _ranges, ranges);
        if (isDuplicate) Interlocked.Increment(ref _duplicates);
    }

    internal void Refuse() => Interlocked.Increment(ref _refused);
}
