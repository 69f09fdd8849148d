// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>One block of a way down an attribute tree. Not to be kept past the end of a step.</summary>
internal sealed class TreeBlock
{
    /// <summary>Block of the fork.</summary>
    public uint Number { get; set; }

    public required EditBuffer Buffer { get; set; }

    public required bool IsLeaf { get; init; }

    /// <summary>The entry that the way goes through; in the leaf, the one that is meant.</summary>
    public int Index { get; set; }

    /// <summary>The greatest hash in the block, or what the parent shall know as it.</summary>
    public uint Hash { get; set; }

    public TreeBlock Copy() => new() { Number = Number, Buffer = Buffer, IsLeaf = IsLeaf, Index = Index, Hash = Hash };
}

/// <summary>The way from the root of an attribute tree to a leaf.</summary>
internal sealed class TreePath
{
    /// <summary>Blocks, root and leaf included: no taller tree is ever made.</summary>
    internal const int LengthMax = DaNode.LevelMax;

    private readonly List<TreeBlock> _blocks = [];

    /// <summary>The blocks that count: shortened while work goes up the tree, without losing what is below.</summary>
    public int Active { get; set; }

    public TreeBlock this[int level] => _blocks[level];

    public TreeBlock Last => _blocks[Active - 1];

    public void Add(TreeBlock block)
    {
        _blocks.Add(block);
        Active = _blocks.Count;
    }

    public void Replace(int level, TreeBlock block) => _blocks[level] = block;

    public TreePath Copy()
    {
        var copy = new TreePath();
        foreach (TreeBlock block in _blocks) copy._blocks.Add(block.Copy());
        copy.Active = Active;
        return copy;
    }
}
