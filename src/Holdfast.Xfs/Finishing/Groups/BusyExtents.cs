// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// Blocks of a group that were freed and whose freeing is not yet in the log on disk: the kernel takes no such block
/// for something new, and so where it allocates depends on them.
/// </summary>
internal sealed class BusyExtents(VolumeEditor editor)
{
    private readonly SortedSet<(uint Start, uint End, long Step)> _extents = [];
    private long _stepsForced;

    public void Add(uint start, uint length)
    {
        Reuse(start, length);
        _extents.Add((start, start + length, editor.StepsDone));
    }

    /// <summary>Blocks of the AGFL are taken although they are busy: they are so no longer.</summary>
    public void Reuse(uint start, uint length)
    {
        if (AreNone()) return;
        uint end = start + length;
        while (FirstIn(start, end) is { } extent)
        {
            _extents.Remove(extent);
            if (extent.Start < start) _extents.Add((extent.Start, start, extent.Step));
            if (extent.End > end) _extents.Add((end, extent.End, extent.Step));
        }
    }

    /// <summary>
    /// Leaves of a free extent a part that is not busy. What lies before the busy part is preferred, unless there is
    /// far more behind it.
    /// </summary>
    /// <returns>Was anything cut off? A length of 0 is left where nothing serves.</returns>
    public bool Trim(ref uint start, ref uint length, uint minLength, uint maxLength)
    {
        if (AreNone()) return false;
        bool isCut = false;
        uint end = start + length;
        while (length >= minLength && FirstIn(start, end) is { } busy)
        {
            isCut = true;
            ulong left = busy.Start > start ? busy.Start - start : 0;
            ulong right = busy.End < end ? end - busy.End : 0;
            if (left == 0) start = Math.Min(busy.End, end);
            else if (right == 0 || left >= maxLength) end = busy.Start;
            else if (right >= maxLength * 4ul) start = busy.End;
            else if (left >= minLength) end = busy.Start;
            else end = start;
            length = end - start;
        }

        return isCut;
    }

    private bool AreNone()
    {
        if (_stepsForced != editor.StepsForced)
        {
            _stepsForced = editor.StepsForced;
            _extents.RemoveWhere(extent => extent.Step < _stepsForced);
        }

        return _extents.Count == 0;
    }

    /// <summary>The first busy extent that touches the range.</summary>
    private (uint Start, uint End, long Step)? FirstIn(uint start, uint end)
    {
        // Asking a view for its count would walk all of it; without elements its ends are zeros.
        (uint Start, uint End, long Step) before =
            _extents.GetViewBetween((0, 0, 0), (start, uint.MaxValue, long.MaxValue)).Max;
        if (before.End > start) return before;
        (uint Start, uint End, long Step) behind = _extents.GetViewBetween((start, 0, 0), (end, 0, 0)).Min;
        return behind.End > 0 && behind.Start < end ? behind : null;
    }
}
