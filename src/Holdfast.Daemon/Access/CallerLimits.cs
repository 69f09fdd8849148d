// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;

namespace Holdfast.Daemon.Access;

/// <summary>
/// What one user may take of the daemon, so that a program gone wild cannot keep the others out: connections at a time
/// and requests a second. Root has no limit but the socket's own.
/// </summary>
internal sealed class CallerLimits(TimeProvider time)
{
    internal const int ConnectionsMax = 128;
    internal const int RequestsASecond = 2000;
    internal const int RequestsAtOnce = 4000;

    private readonly ConcurrentDictionary<uint, Caller> _callers = new();

    /// <returns>False where the user has as many as there may be.</returns>
    internal bool TryConnect(uint user)
    {
        Caller caller = CallerOf(user);
        lock (caller)
        {
            if (caller.Connections >= ConnectionsMax) return false;
            caller.Connections++;
            return true;
        }
    }

    internal void Disconnect(uint user)
    {
        Caller caller = CallerOf(user);
        lock (caller) caller.Connections--;
    }

    /// <summary>Takes one of the user's requests; false where none is left for now.</summary>
    internal bool MayAsk(uint user)
    {
        Caller caller = CallerOf(user);
        lock (caller)
        {
            long now = time.GetTimestamp();
            double left = caller.Left + (time.GetElapsedTime(caller.At, now).TotalSeconds * RequestsASecond);
            caller.Left = Math.Min(left, RequestsAtOnce);
            caller.At = now;
            if (caller.Left < 1) return false;
            caller.Left--;
            return true;
        }
    }

    private Caller CallerOf(uint user) => _callers.GetOrAdd(user, _ => new() { At = time.GetTimestamp() });

    /// <summary>Users are few: those of one group.</summary>
    private sealed class Caller
    {
        internal int Connections { get; set; }

        internal double Left { get; set; } = RequestsAtOnce;

        internal long At { get; set; }
    }
}
