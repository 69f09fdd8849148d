// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Processes.Iterators;

namespace Holdfast.Linux.Processes;

/// <summary>
/// Looks at all processes with a few threads. One that hangs in a process is left behind, and another takes its place:
/// nobody waits for the hung (C11).
/// </summary>
internal sealed class ProcessCrew(KernelRoots roots, FileUsersOptions options, WantedFiles wanted)
{
    /// <summary>With so many threads left behind something is wrong that more of them would not mend.</summary>
    private const int LeftBehindMax = 32;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private sealed class Worker
    {
        internal int Process;
        internal long Since;
        internal volatile bool IsOver;
    }

    private readonly ConcurrentQueue<FoundUse> _found = new();
    private readonly ConcurrentDictionary<int, int?> _unread = new();
    private readonly List<Worker> _workers = [];
    private readonly object _end = new();
    private readonly MountTable _mounts = new(roots);
    private readonly ServedFilesystems _served = new(roots);
    private int[] _processes = [];
    private int _next = -1;

    /// <summary>The kernel has said which of all they are.</summary>
    private bool _isTold;
    private int _running;

    /// <summary>Which could not be read, and why; null: not in time.</summary>
    internal IReadOnlyDictionary<int, int?> Unread => _unread;

    internal IReadOnlyCollection<FoundUse> Run(CancellationToken cancellationToken)
    {
        _processes = All();
        if (_processes.Length >= options.AsksKernelFrom && UserIterators.Find(wanted.Inodes, roots) is { } told)
        {
            _processes = [.. told];
            _isTold = true;
        }

        for (int i = Math.Min(Environment.ProcessorCount, _processes.Length); i > 0; i--) Start(cancellationToken);
        int leftBehind = 0;
        while (!WaitForEnd())
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (Worker worker in _workers.Where(Hangs).ToArray())
            {
                _unread[worker.Process] = null;
                if (++leftBehind < LeftBehindMax) Start(cancellationToken);
                else GiveUp();
                End(worker);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return _found;
    }

    private int[] All() =>
    [
        .. Directory.EnumerateDirectories(roots.Proc).Select(path => Path.GetFileName(path))
            .Where(name => name.All(char.IsAsciiDigit))
            .Select(name => int.Parse(name, CultureInfo.InvariantCulture)),
    ];

    /// <returns>False where some are still at work after a moment.</returns>
    private bool WaitForEnd()
    {
        lock (_end) return _running == 0 || (Monitor.Wait(_end, LookEvery) && _running == 0);
    }

    private bool Hangs(Worker worker)
    {
        long since = Volatile.Read(ref worker.Since);
        return since != 0 && !worker.IsOver && Environment.TickCount64 - since > options.TimeMax.TotalMilliseconds;
    }

    /// <summary>Once, be it by itself or because it hangs.</summary>
    private void End(Worker worker)
    {
        lock (_end)
        {
            if (worker.IsOver) return;
            worker.IsOver = true;
            _running--;
            Monitor.Pulse(_end);
        }
    }

    /// <summary>The rest is not looked at, and said to be.</summary>
    private void GiveUp()
    {
        int next;
        while ((next = Interlocked.Increment(ref _next)) < _processes.Length) _unread[_processes[next]] = null;
    }

    private void Start(CancellationToken cancellationToken)
    {
        var worker = new Worker();
        _workers.Add(worker);
        lock (_end) _running++;
        // A background thread: one that hangs for ever does not keep the program from ending.
        new Thread(() => Work(worker, cancellationToken)) { IsBackground = true }.Start();
    }

    private void Work(Worker worker, CancellationToken cancellationToken)
    {
        var quick = new QuickLook(roots, wanted, _served);
        var look = new ProcessLook(roots, options, wanted, _mounts);
        int next;
        while (!cancellationToken.IsCancellationRequested
            && (next = Interlocked.Increment(ref _next)) < _processes.Length)
        {
            worker.Process = _processes[next];
            Volatile.Write(ref worker.Since, Environment.TickCount64);
            IReadOnlyList<FoundUse> found = [];
            int error = _isTold || quick.MayUse(worker.Process) ? Look(look, worker.Process, out found) : 0;
            Volatile.Write(ref worker.Since, 0);
            // What comes too late was said not to have come.
            if (worker.IsOver) return;
            if (error != 0) _unread[worker.Process] = error;
            foreach (FoundUse use in found) _found.Enqueue(use);
        }

        End(worker);
    }

    private static int Look(ProcessLook look, int process, out IReadOnlyList<FoundUse> found)
    {
        try
        {
            return look.At(process, out found);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            found = [];
            return Native.EIO;
        }
    }
}
