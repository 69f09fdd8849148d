// SPDX-License-Identifier: Apache-2.0
using System.Collections;

namespace Holdfast.Failures.Lists;

/// <summary>
/// The faults of one list, in its order. The first <see cref="KeptMax"/> are kept, all are counted: garbage of any
/// size costs no memory.
/// </summary>
public sealed class ListFaults : IReadOnlyList<ListFault>
{
    public const int KeptMax = 100;

    private readonly List<ListFault> _kept = [];

    /// <summary>All faults, those that were not kept among them.</summary>
    public long TotalCount { get; private set; }

    /// <summary>The faults that were kept.</summary>
    public int Count => _kept.Count;

    public ListFault this[int index] => _kept[index];

    public IEnumerator<ListFault> GetEnumerator() => _kept.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(long line, string problem) => Add(line, problem, default);

    internal void Add(long line, string problem, ReadOnlySpan<byte> found)
    {
        TotalCount++;
        if (_kept.Count < KeptMax) _kept.Add(ListFault.Of(line, problem, found));
    }
}
