// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Interop;

namespace Holdfast.Daemon.Supervision;

/// <summary>
/// After a storm the daemon gives back what it does not need any more: it shares the machine with what it looks after.
/// Once for each time that something was written, when nothing has been for a while.
/// </summary>
internal sealed class MemoryAtRest(TimeProvider time)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    private long _commits = -1;
    private long _since;
    private bool _isTrimmed;

    /// <param name="commits">Of the ledger, so far.</param>
    /// <returns>Whether memory was given back.</returns>
    internal bool Look(long commits)
    {
        if (commits != _commits)
        {
            _commits = commits;
            _since = time.GetTimestamp();
            _isTrimmed = false;
            return false;
        }

        if (_isTrimmed || time.GetElapsedTime(_since) < Rest) return false;
        _isTrimmed = true;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Heap.Trim();
        return true;
    }
}
