// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// Ranges of two files' forks that change places, as behind an XMI: one pair of mappings in a step, each of them put
/// off as an unmap and a map. Source of the flags: xfs_log_format.h (XFS_EXCHMAPS_*).
/// </summary>
internal sealed class ExchangeOperation : DeferredOperation
{
    private const ulong FlagAttributeFork = 1ul << 0;
    private const ulong FlagSetSizes = 1ul << 1;
    private const ulong FlagInode1Written = 1ul << 2;
    private const ulong FlagClearInode1Reflink = 1ul << 3;
    private const ulong FlagClearInode2Reflink = 1ul << 4;
    private const ulong FlagsLogged = FlagAttributeFork | FlagSetSizes | FlagInode1Written | FlagClearInode1Reflink
        | FlagClearInode2Reflink;

    /// <summary>A range that is no mapping.</summary>
    private const ulong Hole = ulong.MaxValue;

    private readonly InodeEditor _first;
    private readonly InodeEditor _second;
    private readonly ForkKind _fork;
    private readonly bool _setsSizes;
    private readonly bool _firstWrittenOnly;
    private readonly long _firstSize = -1;
    private readonly long _secondSize = -1;
    private readonly bool _clearsFirst;
    private readonly bool _clearsSecond;
    private bool _isBegun;
    private bool _hasAftermath;
    private ulong _firstOffset;
    private ulong _secondOffset;
    private ulong _left;

    private ExchangeOperation(FinishContext context, ExchangeIntent intent)
    {
        _first = Open(context, intent.Inode1, intent.Generation1);
        _second = Open(context, intent.Inode2, intent.Generation2);
        _firstOffset = intent.StartOffset1;
        _secondOffset = intent.StartOffset2;
        _left = intent.BlockCount;
        _firstWrittenOnly = (intent.Flags & FlagInode1Written) != 0;
        _fork = (intent.Flags & FlagAttributeFork) != 0 ? ForkKind.Attribute : ForkKind.Data;
        if (_fork == ForkKind.Attribute)
        {
            _hasAftermath = true;
            return;
        }

        // Sizes and reflink flags are those of the inodes as they are now: what was logged of them is not looked at.
        _setsSizes = (intent.Flags & FlagSetSizes) != 0;
        if (_setsSizes)
        {
            _firstSize = _second.Size;
            _secondSize = _first.Size;
        }

        if (_first.IsReflinked != _second.IsReflinked && IsWhole(context, intent))
        {
            _clearsFirst = _first.IsReflinked;
            _clearsSecond = _second.IsReflinked;
        }

        _hasAftermath = _clearsFirst || _clearsSecond || _second.Type is FileType.Directory or FileType.Symlink;
    }

    public override DeferredKind Kind => DeferredKind.Exchange;

    /// <exception cref="RecoveryFailure">The kernel would not carry the intent out.</exception>
    public static ExchangeOperation Of(FinishContext context, ExchangeIntent intent)
    {
        string structure = $"XMI {intent.Id:x}";
        if (!context.Features.ExchangeRange)
        {
            RecoveryFailure.Throw(BlockFault.Bad("xmi", "no such feature"), 0, 0, structure);
        }

        if ((intent.Flags & ~FlagsLogged) != 0)
        {
            RecoveryFailure.Throw(BlockFault.Bad("xmi_flags", $"0x{intent.Flags:x}"), 0, 0, structure);
        }

        if (!IntentCheck.IsFileRange(intent.StartOffset1, intent.BlockCount)
            || !IntentCheck.IsFileRange(intent.StartOffset2, intent.BlockCount))
        {
            RecoveryFailure.Throw(BlockFault.Bad("xmi_blockcount", $"{intent.BlockCount}"), 0, 0, structure);
        }

        return new(context, intent);
    }

    public override bool Step(FinishContext context)
    {
        if (!_isBegun) Begin(context);
        _isBegun = true;
        if (_left > 0)
        {
            if (FindPair(context, out ForkExtent first, out ForkExtent second)) Exchange(context, first, second);
            if (_left == 0 && _setsSizes)
            {
                _first.Size = _firstSize;
                _second.Size = _secondSize;
            }
        }
        else if (_hasAftermath)
        {
            if (_fork == ForkKind.Attribute || _second.Type is FileType.Directory or FileType.Symlink)
            {
                ShortFormReturn.Try(context, _second, _fork);
            }

            if (_clearsFirst) _first.Flags2 &= ~Inode.Flag2Reflink;
            if (_clearsSecond) _second.Flags2 &= ~Inode.Flag2Reflink;
            _hasAftermath = false;
        }

        return _left == 0 && !_hasAftermath;
    }

    private static InodeEditor Open(FinishContext context, ulong number, uint generation)
    {
        InodeEditor inode = context.Forks.Open(new(number));
        if (inode.Generation != generation)
        {
            inode.Fail(BlockFault.Wrong("di_gen", generation, inode.Generation));
        }

        return inode;
    }

    /// <summary>All of both files is exchanged, so that what was shared in one is shared in the other.</summary>
    private bool IsWhole(FinishContext context, ExchangeIntent intent) =>
        intent.StartOffset1 == 0 && intent.StartOffset2 == 0
        && intent.BlockCount == Blocks(context, _first.Size) && intent.BlockCount == Blocks(context, _second.Size);

    private static ulong Blocks(FinishContext context, long size) =>
        ((ulong)size + (ulong)context.Geometry.BlockSize - 1) >> context.Geometry.BlockLog;

    /// <summary>Whatever is shared may lie in either file from now on.</summary>
    private void Begin(FinishContext context)
    {
        if (_first.IsReflinked || _second.IsReflinked)
        {
            _first.Flags2 |= Inode.Flag2Reflink;
            _second.Flags2 |= Inode.Flag2Reflink;
        }

        ExtentCounts.Widen(context, _first);
        ExtentCounts.Widen(context, _second);
    }

    /// <summary>Goes on to the next two ranges of equal length that are not the same blocks already.</summary>
    private bool FindPair(FinishContext context, out ForkExtent first, out ForkExtent second)
    {
        first = default;
        second = default;
        while (_left > 0)
        {
            first = Read(context, _first, _firstOffset, _left, out ulong length);
            if (!CanSkip(context, first, ref length))
            {
                second = Read(context, _second, _secondOffset, length, out length);
                if (first.Start != second.Start)
                {
                    // One of them at least is a mapping, so that a length in 32 bits is enough.
                    first = first with { Length = (uint)length };
                    second = second with { Length = (uint)length };
                    return true;
                }

                if (first.IsUnwritten != second.IsUnwritten)
                {
                    _first.Fail(BlockFault.Bad("br_state", $"block {first.Start} is both written and unwritten"));
                }
            }

            Advance(length);
        }

        return false;
    }

    /// <summary>What is at an offset, a mapping or a hole, and how far it reaches within a length.</summary>
    private ForkExtent Read(
        FinishContext context, InodeEditor inode, ulong offset, ulong lengthMax, out ulong length)
    {
        length = lengthMax;
        ForkExtent? next = context.Forks.Lookup(inode, _fork, new(offset));
        if (next is not { } extent) return new(new(offset), new(Hole), 0, false);
        if (extent.Offset.Value > offset)
        {
            length = Math.Min(length, extent.Offset.Value - offset);
            return new(new(offset), new(Hole), 0, false);
        }

        length = Math.Min(length, extent.OffsetEnd - offset);
        return extent.From(offset) with { Length = (uint)length };
    }

    /// <summary>Only what was written is to go over, as far as units of allocation let that be told apart.</summary>
    private bool CanSkip(FinishContext context, in ForkExtent extent, ref ulong length)
    {
        if (!_firstWrittenOnly || (IsMapped(extent) && !extent.IsUnwritten)) return false;
        uint unit = _first.IsRealtime ? context.Geometry.RealtimeExtentSize : 1;
        if (unit <= 1 || !IsMapped(extent)) return true;
        ulong before = extent.Offset.Value % unit;
        if (before != 0)
        {
            length = Math.Min(length, unit - before);
            return false;
        }

        if (length % unit == 0) return true;
        if (length <= unit) return false;
        length -= length % unit;
        return true;
    }

    private void Exchange(FinishContext context, in ForkExtent first, in ForkExtent second)
    {
        ForkExtent toFirst = second with { Offset = first.Offset };
        ForkExtent toSecond = first with { Offset = second.Offset };
        if (IsMapped(first)) context.Deferred.Add(BlockMapOperation.Unmap(_first, _fork, first));
        if (IsMapped(second)) context.Deferred.Add(BlockMapOperation.Unmap(_second, _fork, second));
        if (IsMapped(second)) context.Deferred.Add(BlockMapOperation.Map(_first, _fork, toFirst));
        if (IsMapped(first)) context.Deferred.Add(BlockMapOperation.Map(_second, _fork, toSecond));
        if (_fork == ForkKind.Data)
        {
            Grow(context, _first, toFirst, _firstSize);
            Grow(context, _second, toSecond, _secondSize);
        }

        Advance(first.Length);
    }

    /// <summary>No mapping is put behind the end of a file that is going to end further on.</summary>
    private static void Grow(FinishContext context, InodeEditor inode, in ForkExtent extent, long sizeAfter)
    {
        if (sizeAfter < 0) return;
        long size = (long)Math.Min(extent.OffsetEnd << context.Geometry.BlockLog, (ulong)sizeAfter);
        if (size > inode.Size) inode.Size = size;
    }

    private void Advance(ulong length)
    {
        _firstOffset += length;
        _secondOffset += length;
        _left -= length;
    }

    private static bool IsMapped(in ForkExtent extent) => extent.Start.Value != Hole;
}
