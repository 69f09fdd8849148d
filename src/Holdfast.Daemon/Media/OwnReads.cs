// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Daemon.Media;

/// <summary>
/// What the daemon itself reads of devices, and did a moment ago: what the kernel says of those bytes is the echo of
/// its own reading, and no news (C9). For several threads.
/// </summary>
internal sealed class OwnReads(TimeProvider time)
{
    /// <summary>Its own failed reads are heard of as events, the kernel's messages a little later.</summary>
    private static readonly TimeSpan EchoTime = TimeSpan.FromSeconds(5);

    /// <summary>A read that is under way, or has ended; whoever began it ends it.</summary>
    internal sealed class Read
    {
        internal required string Device { get; init; }

        internal required ByteRangeSet Ranges { get; init; }

        internal long? Ended { get; set; }
    }

    private readonly Dictionary<string, List<Read>> _reads = [];

    /// <param name="device">Its identity.</param>
    internal Read Begin(string device, ByteRangeSet ranges)
    {
        var read = new Read { Device = device, Ranges = ranges };
        lock (_reads)
        {
            if (!_reads.TryGetValue(device, out List<Read>? reads)) _reads[device] = reads = [];
            Forget(reads);
            reads.Add(read);
        }

        return read;
    }

    /// <param name="isGood">All of it could be read: there is no echo to wait for.</param>
    internal void End(Read read, bool isGood = false)
    {
        lock (_reads)
        {
            if (!isGood) read.Ended = time.GetTimestamp();
            else _reads[read.Device].Remove(read);
        }
    }

    /// <returns>What of it is not the daemon's own doing.</returns>
    internal ByteRangeSet News(string device, ByteRangeSet ranges)
    {
        lock (_reads)
        {
            if (!_reads.TryGetValue(device, out List<Read>? reads)) return ranges;
            Forget(reads);
            foreach (Read read in reads)
            {
                if (read.Ranges.Any(ranges.Overlaps)) ranges = ranges.Except(read.Ranges);
            }

            return ranges;
        }
    }

    private void Forget(List<Read> reads) =>
        reads.RemoveAll(read => read.Ended is { } ended && time.GetElapsedTime(ended) > EchoTime);
}
