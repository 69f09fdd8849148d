// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Mounted;
using Holdfast.Linux.Mounts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;
using Holdfast.Testing.Programs;
using Holdfast.Testing.Workloads;

namespace Holdfast.Linux.Tests.Mounted;

/// <summary>
/// A filesystem that a workload fills, stopped in the middle of it by a freeze: nothing changes between two questions,
/// and it is no state that anybody has tidied up (G7). Thaws when disposed, and lets the workload come to its end.
/// </summary>
internal sealed class BusyFilesystem : IDisposable
{
    private static readonly TimeSpan Head = TimeSpan.FromMilliseconds(700);

    private readonly Scratch _scratch;
    private readonly LoopMount _mount;
    private readonly Task _work;
    private volatile bool _isEnough;

    internal BusyFilesystem(string geometry, int seed = 1)
    {
        _scratch = new(geometry);
        _mount = LoopMount.Writable(XfsGeometry.Named(geometry).MakeFilesystem(_scratch), _scratch);
        _work = Task.Run(() => Work(seed));
        Thread.Sleep(Head);
        ProgramRun.Require("xfs_freeze", "-f", _mount.Point);
        Assert.False(_work.IsCompleted, $"the workload was over before the freeze: {_work.Exception}");
        Xfs = MountedXfs.Open(MountedTarget.Find(_mount.Point, KernelRoots.Real)!);
    }

    internal MountedXfs Xfs { get; }

    /// <summary>By the tests' own reader.</summary>
    internal IReadOnlyList<FsmapRow> KernelRows()
    {
        using var root = new Tree(_mount.Point);
        return Fsmap.ReadAll(root, _mount.RoleOf);
    }

    public void Dispose()
    {
        Xfs.Dispose();
        _isEnough = true;
        try
        {
            ProgramRun.Require("xfs_freeze", "-u", _mount.Point);
            _work.Wait();
        }
        finally
        {
            _mount.Dispose();
            _scratch.Dispose();
        }
    }

    /// <summary>One workload after the other, each in the place of the last but one, until it is enough.</summary>
    private void Work(int seed)
    {
        const double scale = 0.3;
        for (int round = 0; !_isEnough; round++)
        {
            string folder = Path.Combine(_mount.Point, $"{round % 2}");
            // By a program: some of the names are no text.
            ProgramRun.Require("rm", "-rf", folder);
            Directory.CreateDirectory(folder);
            try
            {
                Workload.Run(folder, seed + round, scale);
            }
            catch (IOException full) when (round > 0 && full.Message.Contains("No space", StringComparison.Ordinal))
            {
                // What was removed is freed in the background, on a busy machine later than it is wanted again.
            }
        }
    }
}
