// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>Intents of which no "done" has been met yet, in the order of the log.</summary>
internal sealed class OpenIntents
{
    private readonly LinkedList<LoggedIntent> _open = [];

    /// <summary>Numbers are addresses in the kernel that crashed: two intents can have the same.</summary>
    private readonly Dictionary<(LogItemType, ulong), List<LinkedListNode<LoggedIntent>>> _byId = [];

    /// <summary>"Done" items whose intent was not met: its record lies before the tail (L7).</summary>
    public int DoneWithoutIntent { get; private set; }

    public IReadOnlyList<LoggedIntent> ToList() => [.. _open];

    public void Add(LogItemType type, LoggedIntent intent)
    {
        if (!_byId.TryGetValue((type, intent.Id), out List<LinkedListNode<LoggedIntent>>? nodes))
        {
            _byId[(type, intent.Id)] = nodes = [];
        }

        nodes.Add(_open.AddLast(intent));
    }

    /// <param name="type">The type of the intent, not of the item that says "done".</param>
    /// <param name="id">The number of the intent.</param>
    public void Done(LogItemType type, ulong id)
    {
        if (_byId.Remove((type, id), out List<LinkedListNode<LoggedIntent>>? nodes)) nodes.ForEach(_open.Remove);
        else DoneWithoutIntent++;
    }
}
