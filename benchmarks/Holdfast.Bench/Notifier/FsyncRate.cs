// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Holdfast.Bench.Notifier;

/// <summary>The disk alone: a block appended and made durable, again and again.</summary>
internal static class FsyncRate
{
    private const int BlockSize = 4096;

    internal static (double PerSecond, Latencies Latencies) Measure(string folder, TimeSpan time)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, "fsync.bin");
        byte[] block = new byte[BlockSize];
        var latencies = new Latencies();
        var watch = Stopwatch.StartNew();
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            while (watch.Elapsed < time)
            {
                long began = Stopwatch.GetTimestamp();
                file.Write(block);
                file.Flush(flushToDisk: true);
                latencies.Since(began);
            }
        }

        double seconds = watch.Elapsed.TotalSeconds;
        File.Delete(path);
        return (latencies.Count / seconds, latencies);
    }
}
