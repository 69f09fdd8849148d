// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Realtime;

/// <summary>
/// Blocks of the realtime device become free. In a zone that is one number in an inode. Elsewhere it is bits in the
/// group's bitmap file and counts in its summary file, which nobody reads here: recovery in memory leaves them as they
/// are.
/// </summary>
internal sealed class RealtimeExtentFreeOperation(RealtimeGroup group, uint length) : DeferredOperation
{
    public override DeferredKind Kind => DeferredKind.RealtimeExtentFree;

    public override ulong Order => group.Number;

    public override bool Step(FinishContext context)
    {
        if (!context.Features.Zoned) return true;
        InodeEditor inode = group.ReverseMap.Inode;
        // Blocks in use are counted where other inodes have their hint for copy-on-write.
        uint used = inode.Bytes.U32(Inode.CowExtentSizeAt);
        if (length > used) group.Fail(BlockFault.OutOfBounds("di_used_blocks", length, used));
        BinaryPrimitives.WriteUInt32BigEndian(inode.Edit()[Inode.CowExtentSizeAt..], used - length);
        return true;
    }
}
