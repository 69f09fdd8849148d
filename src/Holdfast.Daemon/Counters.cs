// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Daemon;

/// <summary>Counted since the start, for /metrics.</summary>
internal sealed class Counters
{
    private long _reports;
    private long _duplicates;
    private long _ranges;
    private long _refused;
    private long _failedElsewhere;

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

    /// <summary>Pages of memory that the kernel gave up and that are no device's bytes.</summary>
    internal long FailedPages => Interlocked.Read(ref _failedElsewhere);

    internal void FailedElsewhere(long pages) => Interlocked.Add(ref _failedElsewhere, pages);

    internal void Refuse() => Interlocked.Increment(ref _refused);
}
