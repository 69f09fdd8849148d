// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>
/// Buffers that were freed, with how often (L15): filled by the first pass, and counted down by the second, which
/// replays nothing of a buffer until its last cancellation has gone by.
/// </summary>
internal sealed class CancelTable
{
    private readonly Dictionary<(ulong Block, uint Sectors), uint> _counts = [];

    public int Count => _counts.Count;

    /// <returns>False where the buffer was known to be cancelled before.</returns>
    public bool Add(ulong block, uint sectors)
    {
        (ulong, uint) key = (block, sectors);
        bool isNew = !_counts.TryGetValue(key, out uint count);
        _counts[key] = count + 1;
        return isNew;
    }

    public bool Contains(ulong block, uint sectors) => _counts.Count > 0 && _counts.ContainsKey((block, sectors));

    /// <summary>A cancellation itself has gone by.</summary>
    /// <returns>False where the first pass has not seen it.</returns>
    public bool Remove(ulong block, uint sectors)
    {
        (ulong, uint) key = (block, sectors);
        if (!_counts.TryGetValue(key, out uint count)) return false;
        if (count > 1) _counts[key] = count - 1;
        else _counts.Remove(key);
        return true;
    }
}
