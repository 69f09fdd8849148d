// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Kernel;

namespace Holdfast.Testing.Crashes;

/// <summary>Works on a mounted filesystem with several threads, and stops it at a moment of the seed's.</summary>
public static class CrashWorkload
{
    private const int Writers = 4;
    private static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(2);

    /// <param name="folder">The mount point.</param>
    /// <param name="seed">Decides what each thread does, and the moment.</param>
    /// <param name="workMax">The moment lies between a fifth of it and all of it.</param>
    public static void Run(string folder, int seed, TimeSpan workMax)
    {
        var random = new Random(seed);
        TimeSpan work = workMax * (0.2 + 0.8 * random.NextDouble());
        bool flushLog = random.Next(2) == 0;
        CrashWriter[] writers =
            [.. Enumerable.Range(0, Writers).Select(number => new CrashWriter(folder, number, random.Next()))];
        Thread[] threads =
            [.. writers.Select(writer => new Thread(writer.Run)), new Thread(() => FlushOften(folder))];
        using (var root = new Tree(folder))
        {
            foreach (Thread thread in threads) thread.Start();
            Thread.Sleep(work);
            root.Crash(flushLog);
        }

        foreach (Thread thread in threads) thread.Join();
        foreach (CrashWriter writer in writers) writer.Dispose();
    }

    /// <summary>The log is forced out again and again: small transactions, not a few large ones.</summary>
    private static void FlushOften(string folder)
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
                Thread.Sleep(FlushEvery);
            }
        }
        catch (IOException)
        {
            // It has stopped.
        }
    }
}
