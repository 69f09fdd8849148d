// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Stack;

/// <summary>
/// md's raid4, raid5 and raid6 (drivers/md/raid5.h names the layouts by number). Each row has a chunk of each member;
/// one of them, or two side by side, are parity, and move from row to row.
/// </summary>
public sealed class ParityLayout : IChunkLayout
{
    // Numbers of the layouts of raid5, in the sysfs file "layout".
    private const int LeftAsymmetric = 0;
    private const int RightAsymmetric = 1;
    private const int LeftSymmetric = 2;
    private const int RightSymmetric = 3;
    private const int ParityFirst = 4;
    private const int ParityLast = 5;

    private readonly int _members;
    private readonly int _parities;
    private readonly int _layout;

    private ParityLayout(int members, int parities, int layout) =>
        (_members, _parities, _layout) = (members, parities, layout);

    public int Redundancy => _parities;

    private int DataMembers => _members - _parities;

    /// <param name="level">4, 5 or 6.</param>
    /// <param name="layout">As sysfs has it; of raid4 it does not matter.</param>
    /// <returns>Null for a layout that only DDF and Intel's firmware have.</returns>
    public static ParityLayout? Of(int level, int members, int layout)
    {
        int parities = level == 6 ? 2 : 1;
        if (level == 4) layout = ParityLast;
        return layout is < LeftAsymmetric or > ParityLast || members <= parities ? null
            : new(members, parities, layout);
    }

    public long Rows(long length, long chunk)
    {
        long row = chunk * DataMembers;
        return (length + row - 1) / row;
    }

    public long? ChunkAt(int member, long row)
    {
        (int first, int second) = ParityOf(row);
        if (member == first || member == second) return null;
        return (row * DataMembers) + DataIndexOf(member, first);
    }

    public IEnumerable<(int Member, long Row)> PlacesOf(long chunk)
    {
        long row = chunk / DataMembers;
        int index = (int)(chunk % DataMembers);
        (int first, int second) = ParityOf(row);
        for (int member = 0; member < _members; member++)
        {
            if (member == first || member == second || DataIndexOf(member, first) != index) continue;
            return [(member, row)];
        }

        return [];
    }

    /// <summary>The members with a row's parity: P, and Q behind it (the same one where there is no Q).</summary>
    private (int First, int Second) ParityOf(long row)
    {
        int turn = (int)(row % _members);
        int first = _layout switch
        {
            LeftAsymmetric or LeftSymmetric => _members - 1 - turn,
            RightAsymmetric or RightSymmetric => turn,
            ParityFirst => 0,
            _ => _members - _parities,
        };
        return (first, _parities == 2 ? (first + 1) % _members : first);
    }

    /// <summary>Which of its row's data chunks a member has.</summary>
    private int DataIndexOf(int member, int first)
    {
        if (_layout is LeftSymmetric or RightSymmetric)
        {
            // Data begins behind the parity, and goes round.
            return (member - first - _parities + (2 * _members)) % _members;
        }

        int second = (first + 1) % _members;
        int before = 0;
        for (int at = 0; at < member; at++) before += at == first || (_parities == 2 && at == second) ? 0 : 1;
        return before;
    }
}
