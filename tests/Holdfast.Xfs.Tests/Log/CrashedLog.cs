// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Xfs.Tests.Log;

/// <summary>One shape of log to crash: how it is made, how it is mounted, how it stops.</summary>
/// <param name="Arguments">For mkfs.xfs, separated by blanks.</param>
/// <param name="Options">For mount.</param>
/// <param name="Flush">Whether the shutdown writes out the log buffers first.</param>
/// <param name="LogMiB">Length of an external log device in MiB; 0 for an internal log.</param>
public sealed record LogShape(string Name, string Arguments, string Options = "", bool Flush = false, int LogMiB = 0)
{
    internal static IReadOnlyList<LogShape> All { get; } =
    [
        new("small", "-l size=10m"),
        new("small-flushed", "-l size=10m", Flush: true),
        new("small-16k-buffers", "-l size=10m", "logbsize=16k"),
        new("small-256k-buffers", "-l size=10m", "logbsize=256k"),
        new("small-256k-buffers-flushed", "-l size=10m", "logbsize=256k", Flush: true),
        new("stripe-4k", "-l size=10m,su=4096"),
        new("stripe-32k", "-l size=12m,su=32768", Flush: true),
        new("stripe-64k-128k-buffers", "-l size=12m,su=65536", "logbsize=128k"),
        new("stripe-256k", "-l size=24m,su=262144", Flush: true),
        new("sector-4k", "-s size=4096 -l size=10m"),
        new("sector-4k-64k-buffers", "-s size=4096 -l size=10m", "logbsize=64k", Flush: true),
        new("external", "-m rmapbt=0", LogMiB: 12),
        new("external-256k-buffers", "-m rmapbt=0", "logbsize=256k", Flush: true, LogMiB: 12),
        new("block-1k", "-b size=1024 -l size=8m"),
        new("tiny", "-m reflink=0,rmapbt=0,finobt=0,inobtcount=0 -i sparse=0,nrext64=0 -d agcount=2 -l size=4m"),
    ];

    public override string ToString() => Name;
}

/// <summary>Makes filesystems that stopped in the middle of work.</summary>
internal static class CrashedLog
{
    private const int FoldersMax = 16;
    private const int FilesMax = 200;

    internal static ImageSet Make(LogShape shape, Scratch scratch, int seed, TimeSpan work, bool crash = true)
    {
        string data = scratch.SparseFile("data.img", 320L << 20);
        string? log = shape.LogMiB == 0 ? null : scratch.SparseFile("log.img", (long)shape.LogMiB << 20);
        string[] device = log is null ? [] : ["-l", $"logdev={log}"];
        XfsPrograms.System.MakeFilesystem(data, ["--unsupported", .. shape.Arguments.Split(' '), .. device]);
        var images = new ImageSet(data, log);
        Run(images, shape.Options, shape.Flush, scratch, seed, work, crash);
        return images;
    }

    /// <summary>Mounts, works for a while, and crashes or unmounts.</summary>
    internal static void Run(
        ImageSet images, string options, bool flush, Scratch scratch, int seed, TimeSpan work, bool crash)
    {
        using LoopMount mount = LoopMount.Writable(images, scratch, options);
        using var stop = new CancellationTokenSource(work);
        Thread[] writers = [.. Enumerable.Range(0, 3).Select(writer => new Thread(
            () => Work(Path.Combine(mount.Point, $"{seed}-{writer}"), new Random(seed * 10 + writer), stop.Token)))];
        foreach (Thread writer in writers) writer.Start();
        foreach (Thread writer in writers) writer.Join();
        if (!crash) return;
        string how = flush ? "shutdown -f" : "shutdown";
        ProgramRun.Require(XfsPrograms.System.Program("xfs_io"), "-x", "-c", how, mount.Point);
    }

    private static void Work(string home, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            string folder = Path.Combine(home, $"d{random.Next(FoldersMax)}");
            Directory.CreateDirectory(folder);
            for (int step = random.Next(1, 30); step > 0; step--)
            {
                string path = Path.Combine(folder, $"f{random.Next(FilesMax)}");
                if (random.Next(3) == 0) File.Delete(path);
                else if (random.Next(3) == 0 && File.Exists(path)) File.Move(path, path + "m", overwrite: true);
                else File.WriteAllBytes(path, new byte[random.Next(2) * random.Next(9000)]);
            }

            using FileStream last = File.Open(Path.Combine(folder, "last"), FileMode.OpenOrCreate);
            last.SetLength(random.Next(1, 20000));
            last.Flush(flushToDisk: true);
        }
    }
}
