// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.ReverseMap;

/// <summary>Where merged records of one fork go.</summary>
internal interface IExtentSink
{
    void Add(uint ag, in RmapRecord record);

    void Lose();
}

/// <summary>
/// Turns a fork's mappings, in file order, into reverse-map records: mappings that continue each other in the file and
/// on disk, within one group and alike in "unwritten", are one record, as in the rmapbt.
/// </summary>
/// <param name="mapOnly">Only the blocks of the block map itself are wanted.</param>
internal struct ExtentMerger(XfsVolume volume, IExtentSink sink, InodeNumber inode, ForkKind fork, bool mapOnly = false)
    : IExtentVisitor
{
    private readonly ulong _flags = fork == ForkKind.Attribute ? RmapRecord.AttributeFork : 0;
    private uint _ag;
    private RmapRecord _open;

    public readonly bool Wants(int level, ulong first, ulong end) => !mapOnly || level > 0;

    public void Extent(in ExtentRecord extent)
    {
        if (mapOnly) return;
        uint ag = volume.Geometry.AgOf(extent.Start);
        AgBlock start = volume.Geometry.AgBlockOf(extent.Start);
        ulong packed = extent.Offset.Value | _flags | (extent.Unwritten ? RmapRecord.Unwritten : 0);
        if (_open.Length != 0 && ag == _ag && start.Value == _open.End && packed == _open.PackedOffset + _open.Length)
        {
            _open = _open with { Length = _open.Length + extent.Length };
            return;
        }

        Flush();
        _ag = ag;
        _open = new(start, extent.Length, inode.Value, packed);
    }

    public readonly void MapBlock(FsBlock block, int level, ulong first, ulong end)
    {
        if (!volume.Geometry.IsValid(block)) return;
        sink.Add(
            volume.Geometry.AgOf(block),
            new(volume.Geometry.AgBlockOf(block), 1, inode.Value, _flags | RmapRecord.BlockMap));
    }

    public readonly void Lost(FsBlock block, ulong first, ulong end) => sink.Lose();

    /// <summary>The last record; call it when the walk is done.</summary>
    public void Flush()
    {
        if (_open.Length != 0) sink.Add(_ag, in _open);
        _open = default;
    }
}
