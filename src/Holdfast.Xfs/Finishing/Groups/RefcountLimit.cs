// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>
/// How many reference counts one transaction changes: what it may log is bounded, and each change that makes or
/// unmakes records can split every tree of the group. Past the bound the work goes on in another transaction.
/// </summary>
internal sealed class RefcountLimit
{
    // Sizes in the log, from xfs_trans_resv.c and xfs_log_format.h: what a logged buffer takes beside its content,
    // the room for three dquots and their item headers, and what a freed extent takes in an intent.
    private const int BufferOverhead = 128;
    private const int DquotBytes = 6 * (24 + 104);
    private const int ChangeBytes = 32;
    private const int FreedExtents = 4;
    private const int HeaderBuffers = 9;

    private readonly long _bytes;
    private readonly int _blocksOfShape;
    private readonly int _levelsMax;
    private readonly int _blockSize;

    public RefcountLimit(Geometry geometry, FreeListSize levels)
    {
        _blockSize = geometry.BlockSize;
        _blocksOfShape = 2 * (2 * levels.FreeLevelsMax - 1)
            + (geometry.Features.ReverseMapBtree ? 2 * levels.RmapLevelsMax - 1 : 0);
        BtreeLayout layout = BtreeLayout.OfBlock(BtreeFormat.Refcountbt, true, geometry.BlockSize);
        _levelsMax = FreeListSize.LevelsOfRecords(in layout, geometry.AgBlocks);
        _bytes = DquotBytes + HeaderBuffers * (geometry.SectorSize + BufferOverhead)
            + (long)FreedExtents * _blocksOfShape * (_blockSize + BufferOverhead);
    }

    /// <summary>May one more count be changed?</summary>
    public bool HasRoom(int changes, int shapes)
    {
        if (changes == 0) return true;
        long overhead = ((long)shapes * _blocksOfShape + _levelsMax) * _blockSize;
        return overhead <= _bytes && _bytes - overhead > (long)changes * ChangeBytes;
    }
}
