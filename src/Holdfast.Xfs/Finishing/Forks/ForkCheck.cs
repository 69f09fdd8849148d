// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Forks;

/// <summary>
/// A fork is read whole before it is changed for the first time: as many mappings as the inode says, one behind the
/// other, all on the device. The kernel gives an intent up where that is not so.
/// </summary>
internal static class ForkCheck
{
    /// <param name="bmbt">For use here alone.</param>
    public static void Check(FinishContext context, InodeEditor inode, ForkKind fork, BtreeEditor bmbt)
    {
        ulong count = inode.ExtentsOf(fork);
        ulong seen = 0;
        ulong end = 0;
        if (inode.FormatOf(fork) == ForkFormat.Extents)
        {
            ReadOnlySpan<byte> area = inode.Fork(fork);
            ulong countMax = (ulong)(area.Length / ExtentRecord.Size);
            if (count > countMax) inode.Fail(BlockFault.OutOfBounds("di_nextents", count, countMax));
            for (; seen < count; seen++)
            {
                CheckOne(context, inode, fork, ForkExtent.Read(area[((int)seen * ExtentRecord.Size)..]), ref end);
            }

            return;
        }

        bmbt.Open(new BmbtPlace(context, inode, fork));
        Span<byte> first = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(first, 0);
        for (bool more = bmbt.Lookup(first, BtreeSeek.GreaterOrEqual); more && seen <= count; more = bmbt.Next())
        {
            CheckOne(context, inode, fork, ForkExtent.Read(bmbt.Record), ref end);
            seen++;
        }

        if (seen != count) inode.Fail(BlockFault.Wrong("di_nextents", seen, count));
    }

    private static void CheckOne(
        FinishContext context, InodeEditor inode, ForkKind fork, in ForkExtent extent, ref ulong end)
    {
        if (extent.Offset.Value < end || extent.Length == 0 || extent.OffsetEnd > ForkWalk.OffsetEnd)
        {
            inode.Fail(BlockFault.Bad("br_startoff", $"{extent.Offset} with {extent.Length} blocks, after {end}"));
        }

        bool isRealtime = fork == ForkKind.Data && inode.IsRealtime;
        if (!isRealtime && !context.Geometry.IsValid(extent.Start, extent.Length))
        {
            inode.Fail(BlockFault.Bad("br_startblock", $"{extent.Start} with {extent.Length} blocks"));
        }

        if (fork == ForkKind.Attribute && extent.IsUnwritten)
        {
            inode.Fail(BlockFault.Bad("br_state", "unwritten, in an attribute fork"));
        }

        end = extent.OffsetEnd;
    }
}
