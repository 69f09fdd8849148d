// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>
/// A bitmap or summary file of the realtime device as one array of 32-bit words. With groups each block has a header
/// with a checksum, and words are big-endian; without, a block is words alone, in the order of the machine that wrote
/// them, and those that exist are little-endian. Source of the format: xfs_format.h (struct xfs_rtbuf_blkinfo).
/// </summary>
internal sealed class RealtimeWords
{
    public const int BitsPerWord = 32;

    private const int CrcAt = sizeof(uint);
    private const int HeaderSize = CrcAt + sizeof(uint) + 3 * sizeof(ulong) + 16; // owner, address, LSN; then a UUID

    private readonly FinishContext _context;
    private readonly InodeEditor _inode;
    private readonly ExtentList _extents;
    private readonly int _headerSize;
    private long _step = -1;
    private ulong _block;
    private EditBuffer? _buffer;

    public RealtimeWords(FinishContext context, InodeNumber file)
    {
        _context = context;
        _inode = context.Forks.Open(file);

        // Nothing in recovery changes where these files lie; a block map that is just being changed is left alone.
        _extents = ExtentList.Read(context.Editor.Volume, _inode.View, ForkKind.Data, 0, ForkWalk.OffsetEnd);
        HasHeader = context.Geometry.RealtimeGroupCount > 0;
        _headerSize = HasHeader ? HeaderSize : 0;
        WordsPerBlock = (context.Geometry.BlockSize - _headerSize) / sizeof(uint);
    }

    public int WordsPerBlock { get; }

    private bool HasHeader { get; }

    public uint this[ulong word]
    {
        get
        {
            ReadOnlySpan<byte> bytes = Block(word / (uint)WordsPerBlock).Bytes[At(word)..];
            return HasHeader ? bytes.U32(0) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        }

        set
        {
            Span<byte> bytes = Block(word / (uint)WordsPerBlock).Edit()[At(word)..];
            if (HasHeader) BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
            else BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        }
    }

    private int At(ulong word) => _headerSize + (int)(word % (uint)WordsPerBlock) * sizeof(uint);

    private EditBuffer Block(ulong number)
    {
        if (_buffer is { } known && _block == number && _step == _context.Editor.StepsDone) return known;
        if (_extents.BlockOf(number) is not { } place)
        {
            _inode.Fail(BlockFault.Bad("br_startoff", $"file block {number} has no mapping"));
            return null!;
        }

        (_step, _block) = (_context.Editor.StepsDone, number);
        return _buffer = _context.Editor.Block(
            _context.Geometry.AgOf(place), _context.Geometry.AgBlockOf(place), HasHeader ? CrcAt : -1,
            $"block {number} of inode {_inode.Number}");
    }
}
