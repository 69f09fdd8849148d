// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;
using Holdfast.Failures;
using Holdfast.Xfs.Bytes;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing;

/// <summary>
/// The volume as recovery changes it, in memory: a cache of blocks over the overlay. A step is everything between two
/// calls of <see cref="Commit"/>; it happens whole or, after <see cref="Rollback"/>, not at all. For one thread.
/// Readers of <see cref="XfsVolume"/> see what is committed.
/// </summary>
internal sealed class VolumeEditor(XfsVolume volume, OverlayBlockSource overlay)
{
    /// <summary>Clean blocks that are kept between steps; past this all are dropped.</summary>
    private const int BuffersKeptMax = 8192;

    private readonly Dictionary<long, EditBuffer> _buffers = [];
    private readonly List<EditBuffer> _changed = [];
    private readonly List<(ByteRange Range, bool Taken)> _moves = [];
    private int _movesCommitted;

    public XfsVolume Volume => volume;

    public Geometry Geometry => volume.Geometry;

    public Features Features => volume.Features;

    /// <summary>Blocks that recovery itself has allocated: their addresses are a guess (L22).</summary>
    public ByteRangeSet AllocatedByRecovery
    {
        get
        {
            var taken = ByteRangeSet.From([]);
            foreach (IGrouping<bool, (ByteRange Range, bool Taken)> run in Runs())
            {
                var ranges = ByteRangeSet.From(run.Select(move => move.Range));
                taken = run.Key ? taken.Union(ranges) : taken.Except(ranges);
            }

            return taken;
        }
    }

    /// <summary>A block by its place in a group, with a short header's checksum position given.</summary>
    public EditBuffer Block(uint ag, AgBlock block, int crcAt, string structure)
    {
        if (!Geometry.IsValid(ag, block))
        {
            RecoveryFailure.Throw(
                BlockFault.OutOfBounds("block", block.Value, Geometry.AgBlocks - 1), 0, 0, structure);
        }

        return Buffer(Geometry.ByteOf(ag, block), Geometry.BlockSize, crcAt, structure);
    }

    /// <summary>Reads through what this step has changed, the overlay and the device.</summary>
    /// <exception cref="RecoveryFailure">The bytes cannot be had.</exception>
    public EditBuffer Buffer(long offset, int length, int crcAt, string structure)
    {
        if (_buffers.TryGetValue(offset, out EditBuffer? known) && known.Bytes.Length == length) return known;
        if (known is not null) Settle(known);
        byte[] bytes = new byte[length];
        ReadFault fault = overlay.Read(offset, bytes);
        if (!fault.IsNone) RecoveryFailure.Throw(BlockFault.Unreadable(fault), offset, length, structure);
        var buffer = new EditBuffer(offset, bytes, Features.IsV5 ? crcAt : -1, _changed);
        _buffers[offset] = buffer;
        return buffer;
    }

    /// <summary>A block that is written anew: zeros, and nothing is read.</summary>
    public EditBuffer NewBuffer(long offset, int length, int crcAt)
    {
        Forget(offset, length);
        var buffer = new EditBuffer(offset, new byte[length], Features.IsV5 ? crcAt : -1, _changed)
        {
            IsVerified = true,
        };
        _buffers[offset] = buffer;
        buffer.Edit();
        return buffer;
    }

    /// <summary>These bytes are free now, or another structure's: nothing kept of them counts any more.</summary>
    public void Forget(long offset, long length)
    {
        for (long at = offset; at < offset + length; at += OverlayBlockSource.SectorBytes)
        {
            if (_buffers.Remove(at, out EditBuffer? gone)) gone.IsDirty = false;
        }
    }

    /// <summary>Recovery has taken these blocks for something of its own.</summary>
    public void MarkAllocated(long offset, long length) => _moves.Add((new(offset, length), true));

    public void MarkFreed(long offset, long length)
    {
        if (_moves.Count > 0) _moves.Add((new(offset, length), false));
    }

    /// <summary>Steps that are over, however they ended.</summary>
    public long StepsDone { get; private set; }

    /// <summary>What the step has changed is what everybody reads from now on.</summary>
    public void Commit()
    {
        StepsDone++;
        foreach (EditBuffer buffer in _changed) Settle(buffer);
        _changed.Clear();
        _movesCommitted = _moves.Count;
        if (_buffers.Count > BuffersKeptMax) _buffers.Clear();
    }

    /// <summary>The step has not been.</summary>
    public void Rollback()
    {
        StepsDone++;
        _buffers.Clear();
        _changed.Clear();
        _moves.RemoveRange(_movesCommitted, _moves.Count - _movesCommitted);
    }

    private void Settle(EditBuffer buffer)
    {
        if (!buffer.IsDirty) return;
        if (buffer.CrcAt >= 0) Crc32c.Write(buffer.Edit(), buffer.CrcAt);
        overlay.Write(buffer.Offset, buffer.Bytes);
        buffer.IsDirty = false;
    }

    /// <summary>Moves of one kind that follow each other, taken together.</summary>
    private IEnumerable<IGrouping<bool, (ByteRange Range, bool Taken)>> Runs()
    {
        int run = 0;
        bool? last = null;
        return _moves.GroupBy(move =>
        {
            if (last != move.Taken) run++;
            last = move.Taken;
            return run;
        }).Select(group => group.GroupBy(move => move.Taken).First());
    }
}
