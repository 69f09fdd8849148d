// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>
/// Looks at every node and leaf of an attribute fork, as a mount does before it gives the fork's blocks up: one that
/// it cannot believe stops it. Of both versions.
/// </summary>
internal static class AttributeForkWalk
{
    /// <exception cref="RecoveryFailure">A block cannot be believed.</exception>
    internal static void Check(FinishContext context, AttributeFork fork)
    {
        var visited = new HashSet<uint>();
        var blocks = new Stack<(uint Number, int Level)>();
        blocks.Push((0, -1));
        while (blocks.TryPop(out (uint Number, int Level) at))
        {
            FsBlock place = fork.BlockOf(at.Number);
            EditBuffer buffer = context.Editor.Block(
                context.Geometry.AgOf(place), context.Geometry.AgBlockOf(place), DaBlockInfo.CrcAt,
                fork.Structure(at.Number));
            BlockFault fault = visited.Add(at.Number)
                ? Enter(context, buffer, place, fork.Inode, at.Level, blocks)
                : BlockFault.Bad("before", "the block is in the tree twice");
            if (fault.IsNone) continue;
            RecoveryFailure.Throw(fault, buffer.Offset, buffer.Bytes.Length, fork.Structure(at.Number));
        }
    }

    private static BlockFault Enter(
        FinishContext context, EditBuffer buffer, FsBlock place, InodeNumber inode, int level,
        Stack<(uint Number, int Level)> blocks)
    {
        BlockIdentity identity = context.Geometry.IdentityOf(
            context.Geometry.AgOf(place), context.Geometry.AgBlockOf(place), inode.Value);
        if (DaBlockInfo.KindOf(buffer.Bytes, identity.HasCrc) != DaBlockKind.Node)
        {
            return AttributeLeaf.TryOpen(buffer.Bytes, in identity, out _);
        }

        BlockFault fault = DaNode.TryOpen(buffer.Bytes, in identity, out DaNode node);
        if (!fault.IsNone) return fault;
        if (level >= 0 && node.Level != level) return BlockFault.Wrong("level", (ulong)level, (ulong)node.Level);
        for (int index = 0; index < node.Count; index++)
        {
            ulong child = node[index].Child.Value;
            if (child > uint.MaxValue) return BlockFault.Bad($"btree[{index}].before", $"{child}");
            blocks.Push(((uint)child, node.Level - 1));
        }

        return BlockFault.None;
    }
}
