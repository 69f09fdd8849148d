// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Stack;

/// <summary>
/// md's raid10 (md(4), drivers/md/raid10.c): so many copies near each other, one behind the other over the members; so
/// many far, a part of the members' size further and on the next member; or far copies row by row ("offset").
/// </summary>
public sealed class Raid10Layout : IChunkLayout
{
    // The number in the sysfs file "layout": near in the low byte, far in the next, then whether far means offset.
    private const int CopiesMask = 0xff;
    private const int FarShift = 8;
    private const int OffsetBit = 1 << 16;
    private const int SetShift = 17;

    private readonly int _members;
    private readonly int _near;
    private readonly int _far;
    private readonly bool _isOffset;
    private readonly long _farRows;

    private Raid10Layout(int members, int near, int far, bool isOffset, long farRows) =>
        (_members, _near, _far, _isOffset, _farRows) = (members, near, far, isOffset, farRows);

    public int Redundancy => (_near * _far) - 1;

    /// <param name="layout">As sysfs has it.</param>
    /// <param name="rows">Rows of chunks on each member.</param>
    /// <returns>Null for what makes no sense, and for sets of members, which mdadm never makes.</returns>
    public static Raid10Layout? Of(int members, int layout, long rows)
    {
        int near = layout & CopiesMask;
        int far = (layout >> FarShift) & CopiesMask;
        if (near == 0 || far == 0 || near * far > members || layout >> SetShift != 0) return null;
        // Nobody makes both, and the kernel deals them out in a way of its own.
        if (near > 1 && (layout & OffsetBit) != 0) return null;
        // The second far copy begins where the first one ends.
        return new(members, near, far, (layout & OffsetBit) != 0, rows / far);
    }

    public long Rows(long length, long chunk)
    {
        long chunks = (length + chunk - 1) / chunk;
        long rows = ((chunks * _near) + _members - 1) / _members;
        return _isOffset ? rows * _far : _far == 1 ? rows : _farRows * _far;
    }

    public long? ChunkAt(int member, long row)
    {
        long copy = _isOffset ? row % _far : _far == 1 ? 0 : row / _farRows;
        long first = _isOffset ? row / _far : _far == 1 ? row : row % _farRows;
        if (copy >= _far) return null;
        // Each far copy has moved on by as many members as there are near copies.
        int from = (int)((((member - (copy * _near)) % _members) + _members) % _members);
        long slot = (first * _members) + from;
        return slot / _near;
    }

    public IEnumerable<(int Member, long Row)> PlacesOf(long chunk)
    {
        for (int near = 0; near < _near; near++)
        {
            long slot = (chunk * _near) + near;
            long first = slot / _members;
            for (int copy = 0; copy < _far; copy++)
            {
                int member = (int)((slot + ((long)copy * _near)) % _members);
                long row = _isOffset ? (first * _far) + copy : _far == 1 ? first : first + (copy * _farRows);
                yield return (member, row);
            }
        }
    }
}
