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
    private readonly Dictionary<long, long> _gone = [];
    private int _movesCommitted;
    private bool _forcesLog;

    public XfsVolume Volume => volume;

    public Geometry Geometry => volume.Geometry;

    public Features Features => volume.Features;

    /// <summary>Steps that are over, however they ended.</summary>
    public long StepsDone { get; private set; }

    /// <summary>
    /// Of so many first steps a mount would have everything in the log on disk by now. Blocks that a later step has
    /// freed are not taken again yet: the kernel calls them busy.
    /// </summary>
    public long StepsForced { get; private set; }

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
        Drop(offset, length);
        // The kernel cannot use a block's buffer anew before the log has on disk that the block was given up.
        if (_gone.TryGetValue(offset, out long step)) _forcesLog |= step >= StepsForced && step < StepsDone;
        var buffer = new EditBuffer(offset, new byte[length], Features.IsV5 ? crcAt : -1, _changed)
        {
            IsVerified = true,
        };
        _buffers[offset] = buffer;
        buffer.Edit();
        return buffer;
    }

    /// <summary>A structure gives up these bytes of its own: nothing kept of them counts any more.</summary>
    public void Forget(long offset, long length)
    {
        Drop(offset, length);
        _gone[offset] = StepsDone;
    }

    /// <summary>These bytes are free now, or another structure's: nothing kept of them counts any more.</summary>
    public void Drop(long offset, long length)
    {
        if (length / OverlayBlockSource.SectorBytes > _buffers.Count)
        {
            foreach (long at in _buffers.Keys.Where(at => at >= offset && at < offset + length).ToList()) Drop(at);
            return;
        }

        for (long at = offset; at < offset + length; at += OverlayBlockSource.SectorBytes) Drop(at);
    }

    /// <summary>Recovery has taken these blocks for something of its own.</summary>
    public void MarkAllocated(long offset, long length) => _moves.Add((new(offset, length), true));

    public void MarkFreed(long offset, long length)
    {
        if (_moves.Count > 0) _moves.Add((new(offset, length), false));
    }

    /// <summary>What the step has changed is what everybody reads from now on.</summary>
    public void Commit()
    {
        StepsDone++;
        foreach (EditBuffer buffer in _changed) Settle(buffer);
        _changed.Clear();
        _movesCommitted = _moves.Count;
        // The log goes out while the step goes on; what comes after finds it there.
        if (_forcesLog) ForceLog(StepsDone - 1);
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

    /// <summary>To be called where a mount forces the log.</summary>
    public void ForceLog() => ForceLog(StepsDone);

    private void ForceLog(long steps)
    {
        StepsForced = Math.Max(StepsForced, steps);
        _forcesLog = false;
        foreach ((long offset, long step) in _gone) if (step < StepsForced) _gone.Remove(offset);
    }

    private void Drop(long offset)
    {
        if (_buffers.Remove(offset, out EditBuffer? gone)) gone.IsDirty = false;
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
