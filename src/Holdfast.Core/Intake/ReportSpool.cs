// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Intake;

/// <summary>
/// Reports that cannot be refused, in memory, until the ledger takes them (C1). Bounded by bytes: what does not fit is
/// counted and shown, never silently gone. Safe from any thread.
/// </summary>
public sealed class ReportSpool(long bytesMax)
{
    private const int ReportBytes = 256;
    private const int RangeBytes = 16;

    private readonly Lock _lock = new();
    private readonly Queue<Report> _waiting = new();
    private int _told;

    /// <summary>Bytes that all waiting reports take, about.</summary>
    public long Bytes { get; private set; }

    public long Waiting
    {
        get
        {
            lock (_lock) return _waiting.Count;
        }
    }

    /// <summary>Reports that did not fit, since the start.</summary>
    public long Dropped { get; private set; }

    /// <returns>False where it did not fit.</returns>
    internal bool TryAdd(Report report)
    {
        lock (_lock)
        {
            if (Bytes + SizeOf(report) > bytesMax)
            {
                Dropped++;
                return false;
            }

            Bytes += SizeOf(report);
            _waiting.Enqueue(report);
            return true;
        }
    }

    /// <summary>Those waiting that were not taken by this before, in order: nobody has told of them yet.</summary>
    internal List<Report> TakeUntold()
    {
        lock (_lock)
        {
            List<Report> untold = [.. _waiting.Skip(_told)];
            _told = _waiting.Count;
            return untold;
        }
    }

    internal bool TryPeek(out Report? report)
    {
        lock (_lock) return _waiting.TryPeek(out report);
    }

    /// <summary>The first one is in the ledger.</summary>
    internal void Remove()
    {
        lock (_lock)
        {
            Bytes -= SizeOf(_waiting.Dequeue());
            _told = Math.Max(0, _told - 1);
        }
    }

    /// <summary>The first one can never be taken: it must not keep the others from it.</summary>
    internal void Reject()
    {
        lock (_lock) Dropped++;
        Remove();
    }

    private static long SizeOf(Report report) =>
        ReportBytes + (2 * (report.Key.Length + report.Source.Length)) + ((long)RangeBytes * report.Ranges.Count);
}
