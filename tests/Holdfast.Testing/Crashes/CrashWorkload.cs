// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Crashes;

/// <summary>Works on a mounted filesystem with several threads, and stops it at a moment of the seed's.</summary>
public static class CrashWorkload
{
    private const int Writers = 4;
    private const int StepsMin = 200;
    private const int StepsMax = 4000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FlushEveryMax = TimeSpan.FromMilliseconds(2);

    /// <param name="folder">The mount point.</param>
    /// <param name="seed">Decides what each thread does, and the moment.</param>
    public static void Run(string folder, int seed)
    {
        var random = new Random(seed);
        // Counted in steps: a busy machine takes longer for them, but what they leave is the same.
        int steps = random.Next(StepsMin, StepsMax);
        bool flushLog = random.Next(2) == 0;
        CrashWriter[] writers =
            [.. Enumerable.Range(0, Writers).Select(number => new CrashWriter(folder, number, random.Next()))];
        using var longWork = new LongWork(folder, random.Next());
        TimeSpan flushEvery = FlushEveryMax * random.NextDouble();
        Thread[] threads =
        [
            .. writers.Select(writer => new Thread(writer.Run)), new Thread(longWork.Run),
            new Thread(() => FlushOften(folder, flushEvery)),
        ];
        using (var root = new Tree(folder))
        {
            foreach (Thread thread in threads) thread.Start();
            for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience;)
            {
                Thread.Sleep(1);
                if (writers.Sum(writer => writer.Steps) >= steps) break;
            }

            root.Crash(flushLog);
        }

        foreach (Thread thread in threads) thread.Join();
        foreach (CrashWriter writer in writers) writer.Dispose();
    }

    /// <summary>The log is forced out again and again: small transactions, not a few large ones.</summary>
    private static void FlushOften(string folder, TimeSpan every)
    {
        using var tree = new Tree(folder);
        try
        {
            if (!tree.Has("flushed")) tree.Create("flushed");
            using TreeFile file = tree.OpenFile("flushed");
            for (int i = 0; ; i++)
            {
                file.SetLength(1 + i % 5000);
                file.Flush();
                Thread.Sleep(every);
            }
        }
        catch (IOException)
        {
            // It has stopped.
        }
    }
}
