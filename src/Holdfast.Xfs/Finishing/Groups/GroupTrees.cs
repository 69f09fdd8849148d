// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>The groups' AGFs, and editors of their btrees, aimed at one group after another.</summary>
internal sealed class GroupTrees(VolumeEditor editor)
{
    private readonly Dictionary<uint, GroupHeader> _headers = [];
    private readonly BtreeEditor _bnobt = new(editor, BtreeFormat.Bnobt);
    private readonly BtreeEditor _bnobtRight = new(editor, BtreeFormat.Bnobt);
    private readonly BtreeEditor _cntbt = new(editor, BtreeFormat.Cntbt);
    private readonly BtreeEditor _rmapbt = new(editor, BtreeFormat.Rmapbt);

    public VolumeEditor Editor => editor;

    public GroupHeader Header(uint ag)
    {
        if (_headers.TryGetValue(ag, out GroupHeader? header)) return header;
        if (ag >= editor.Geometry.AgCount)
        {
            RecoveryFailure.Throw(
                BlockFault.OutOfBounds("agno", ag, editor.Geometry.AgCount - 1), 0, 0, "group");
        }

        return _headers[ag] = new(editor, ag);
    }

    public BtreeEditor Bnobt(GroupHeader header) => Opened(_bnobt, header.Bnobt);

    /// <summary>A second position in the bnobt, for a search to both sides.</summary>
    public BtreeEditor BnobtRight(GroupHeader header) => Opened(_bnobtRight, header.Bnobt);

    public BtreeEditor Cntbt(GroupHeader header) => Opened(_cntbt, header.Cntbt);

    public BtreeEditor Rmapbt(GroupHeader header) => Opened(_rmapbt, header.Rmapbt);

    /// <summary>Record and key of both free-space btrees.</summary>
    public static void WriteFree(Span<byte> record, uint start, uint length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(record, start);
        BinaryPrimitives.WriteUInt32BigEndian(record[sizeof(uint)..], length);
    }

    private static BtreeEditor Opened(BtreeEditor tree, BtreePlace place)
    {
        tree.Open(place);
        return tree;
    }
}
