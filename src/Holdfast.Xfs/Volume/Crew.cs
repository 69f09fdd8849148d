// SPDX-License-Identifier: Apache-2.0
using System.Runtime.ExceptionServices;

namespace Holdfast.Xfs.Volume;

/// <summary>
/// Workers that share numbered pieces of work, one thread each, at most one a processor. The caller works too, and
/// threads of the pool join it as they come: one that comes late finds nothing to do, and nobody waits for it. Workers
/// are kept from one run to the next. Small, because it is a part of every start: the framework's parallel loops take
/// longer to begin than a small filesystem takes to be read.
/// </summary>
/// <param name="newWorker">Makes the state of one thread.</param>
internal sealed class Crew<TWorker>(Func<TWorker> newWorker)
    where TWorker : class
{
    private readonly List<TWorker> _workers = [];
    private readonly Stack<TWorker> _idle = [];

    /// <summary>All that were made. Not to be asked during a run.</summary>
    public IReadOnlyList<TWorker> Workers => _workers;

    /// <param name="work">Does one piece; false where no further piece need be begun.</param>
    /// <exception cref="OperationCanceledException">Cancelled; every thread has stopped.</exception>
    public void Run(int pieces, Func<TWorker, int, bool> work, CancellationToken cancellationToken)
    {
        var shift = new Shift(this, pieces, work, cancellationToken);
        int helpers = Math.Min(Environment.ProcessorCount, pieces) - 1;
        for (int i = 0; i < helpers; i++) ThreadPool.UnsafeQueueUserWorkItem(shift, preferLocal: false);
        shift.Execute();
        shift.Close();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>One run.</summary>
    private sealed class Shift(
        Crew<TWorker> crew, int pieces, Func<TWorker, int, bool> work, CancellationToken cancelled)
        : IThreadPoolWorkItem
    {
        private readonly object _gate = new();
        private int _next;
        private int _busy;
        private bool _closed;
        private volatile bool _enough;
        private ExceptionDispatchInfo? _failure;

        public void Execute()
        {
            if (Join() is not { } worker) return;
            try
            {
                while (!_enough && !cancelled.IsCancellationRequested)
                {
                    int piece = Interlocked.Increment(ref _next) - 1;
                    if (piece >= pieces) break;
                    if (!work(worker, piece)) _enough = true;
                }
            }
            catch (Exception e)
            {
                // Thrown again where somebody waits for it.
                _enough = true;
                _failure ??= ExceptionDispatchInfo.Capture(e);
            }

            Leave(worker);
        }

        /// <summary>Lets nobody join any more and waits for those who have.</summary>
        public void Close()
        {
            lock (_gate)
            {
                _closed = true;
                while (_busy > 0) Monitor.Wait(_gate);
            }

            _failure?.Throw();
        }

        private TWorker? Join()
        {
            lock (_gate)
            {
                if (_closed) return null;
                _busy++;
                return crew._idle.TryPop(out TWorker? idle) ? idle : crew.Make();
            }
        }

        private void Leave(TWorker worker)
        {
            lock (_gate)
            {
                crew._idle.Push(worker);
                _busy--;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private TWorker Make()
    {
        TWorker worker = newWorker();
        _workers.Add(worker);
        return worker;
    }
}
