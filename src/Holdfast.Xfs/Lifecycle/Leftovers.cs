// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Lifecycle;

/// <summary>
/// What a stop in the middle of work leaves in use although no file has it: unlinked inodes that were open, and blocks
/// staged for copy-on-write. A mount frees them only if the log was dirty (L21).
/// </summary>
/// <param name="CowBytes">Bytes of the data device.</param>
public sealed record Leftovers(IReadOnlyList<UnlinkedInode> Unlinked, long CowBytes)
{
    /// <summary>As the view has them. Faults go to the volume's.</summary>
    public static Leftovers Read(RecoveredVolume recovered, CancellationToken cancellationToken = default)
    {
        XfsVolume volume = recovered.Volume;
        long cow = 0;
        for (uint ag = 0; volume.Features.Reflink && ag < volume.Geometry.AgCount; ag++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AllocationGroup group = volume.Group(ag);
            if (group.Free is not { } header) continue;
            var count = new CountCow();
            BtreeWalk.Run(volume, group, BtreeFormat.Refcountbt, header.Refcountbt, ref count);
            cow += count.Blocks << volume.Geometry.BlockLog;
        }

        return new(UnlinkedInodes.Read(volume, cancellationToken), cow);
    }

    /// <summary>Records of blocks that are staged have the top bit of their start set, so they come last.</summary>
    private struct CountCow : IBtreeVisitor
    {
        private const uint CowFlag = 1u << 31;

        public long Blocks;

        public readonly bool Wants(uint low, uint high) => high >= CowFlag;

        public readonly void Block(AgBlock block, int level)
        {
        }

        public void Leaf(in BtreeBlock leaf)
        {
            for (int i = 0; i < leaf.Count; i++)
            {
                if ((leaf.Record(i).U32(0) & CowFlag) != 0) Blocks += leaf.Record(i).U32(sizeof(uint));
            }
        }

        public readonly void Lost(AgBlock block, int level, uint low, uint high)
        {
        }
    }
}
