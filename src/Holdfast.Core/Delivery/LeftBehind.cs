// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Core.Delivery;

/// <summary>
/// Calls that did not end in time and were left to themselves. They hold up nobody, but each keeps what it holds: with
/// so many of them nothing more is begun there (C11).
/// </summary>
internal sealed class LeftBehind(int most)
{
    private readonly Lock _lock = new();
    private readonly List<Task> _tasks = [];

    internal bool IsFull
    {
        get
        {
            lock (_lock)
            {
                _tasks.RemoveAll(task => task.IsCompleted);
                return _tasks.Count >= most;
            }
        }
    }

    internal void Add(Task task)
    {
        lock (_lock) _tasks.Add(task);
    }
}
