// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Programs;

namespace Holdfast.Daemon.Tests.Durability;

/// <summary>
/// A small XFS on a loop device, for the ledger alone, mounted at one place however often it goes and comes back.
/// </summary>
internal sealed class LedgerDisk : IDisposable
{
    private const long Size = 320L << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LoopDevice _device;
    private bool _isMounted;

    internal LedgerDisk(Scratch scratch)
    {
        string image = scratch.SparseFile("ledger.img", Size);
        ProgramRun.Require("mkfs.xfs", "-q", image);
        Point = scratch.PathOf("disk");
        Directory.CreateDirectory(Point);
        _device = LoopDevice.Attach(image, readOnly: false);
        Mount("rw");
    }

    internal string Point { get; }

    /// <summary>
    /// Whether the kernel has the filesystem still. A mount namespace that was made meanwhile, as other tests make
    /// some, has a copy of every mount: who mounts again before it has gone gets the filesystem that has crashed.
    /// </summary>
    private bool IsKept => Directory.Exists(Path.Combine("/sys/fs/xfs", Path.GetFileName(_device.Path)));

    internal void Mount(string options)
    {
        ProgramRun.Require("mount", "-t", "xfs", "-o", options, _device.Path, Point);
        _isMounted = true;
    }

    internal void Remount(string options) => ProgramRun.Require("mount", "-o", $"remount,{options}", Point);

    /// <summary>The filesystem stops as if its machine had: what is not on the device now never will be.</summary>
    internal void Crash()
    {
        using var tree = new Tree(Point);
        tree.Crash(flushLog: false);
    }

    /// <summary>Whoever still has a file open there is given time to find out that it is no good.</summary>
    internal void Unmount()
    {
        string trouble = "";
        for (var waited = Stopwatch.StartNew(); _isMounted || IsKept; Thread.Sleep(20))
        {
            if (waited.Elapsed > Patience) throw new InvalidOperationException($"{Point} is not unmounted: {trouble}");
            if (!_isMounted) continue;
            ProgramRun run = ProgramRun.Start("umount", null, Point);
            _isMounted = run.ExitStatus != 0;
            trouble = _isMounted ? run.Errors : "another mount namespace has it";
        }
    }

    /// <summary>Takes what space there is, to the last block.</summary>
    internal void Fill()
    {
        for (long size = Size; size >= 4096;)
        {
            ProgramRun run = ProgramRun.Start(
                "fallocate", null, "-l", $"{size}", Path.Combine(Point, $"filler-{Guid.NewGuid():N}"));
            if (run.ExitStatus != 0) size /= 2;
        }
    }

    internal void Free()
    {
        foreach (string filler in Directory.EnumerateFiles(Point, "filler-*")) File.Delete(filler);
    }

    public void Dispose()
    {
        try
        {
            Unmount();
        }
        finally
        {
            _device.Dispose();
        }
    }
}
