// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Impacts;

/// <summary>
/// Which structure a block of one group's own space belongs to. The reverse map says only "ag" or "inode_btree"; the
/// tree is found from its parent blocks, because the block itself is not to be believed.
/// </summary>
internal sealed class StructureNames
{
    private readonly Dictionary<uint, string> _blocks = [];
    private readonly XfsVolume _volume;
    private readonly AllocationGroup _group;

    public StructureNames(XfsVolume volume, AllocationGroup group)
    {
        _volume = volume;
        _group = group;
        if (group.Free is { } free)
        {
            Name(BtreeFormat.Bnobt, free.Bnobt);
            Name(BtreeFormat.Cntbt, free.Cntbt);
            if (volume.Features.ReverseMapBtree) Name(BtreeFormat.Rmapbt, free.Rmapbt);
            if (volume.Features.Reflink) Name(BtreeFormat.Refcountbt, free.Refcountbt);
        }

        if (group.Inodes is { } inodes)
        {
            Name(BtreeFormat.Inobt, inodes.Inobt);
            if (volume.Features.FreeInodeBtree) Name(BtreeFormat.Finobt, inodes.Finobt);
        }

        foreach (AgBlock block in AgHeaderReader.ReadFreeList(volume, group) ?? []) _blocks.TryAdd(block.Value,
            "free list block");
    }

    /// <summary>Null where no tree that can be read has the block.</summary>
    public string? Of(AgBlock block) => _blocks.GetValueOrDefault(block.Value);

    private void Name(BtreeFormat format, BtreeRoot root)
    {
        var names = new Namer { Word = format.Word, Blocks = _blocks };
        BtreeWalk.Run(_volume, _group, format, root, ref names, leavesToo: false);
    }

    private struct Namer : IBtreeVisitor
    {
        public required string Word;
        public required Dictionary<uint, string> Blocks;

        public readonly bool Wants(uint low, uint high) => true;

        public readonly void Block(AgBlock block, int level) => Blocks.TryAdd(block.Value, Word);

        public readonly void Leaf(in BtreeBlock leaf)
        {
        }

        public readonly void Lost(AgBlock block, int level, uint low, uint high)
        {
        }
    }
}
