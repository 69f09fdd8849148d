// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Finishing.Groups;

/// <summary>Changes of the groups' rmapbts; nothing where the filesystem keeps none.</summary>
internal sealed class ReverseMapEditor(GroupTrees trees)
{
    private readonly bool _hasRmapbt = trees.Editor.Features.ReverseMapBtree;

    /// <summary>Blocks get an owner that shares them with nobody.</summary>
    public void Map(GroupHeader header, uint start, uint length, ExtentOwner owner)
    {
        if (_hasRmapbt) PlainReverseMap.Map(Open(header), start, length, owner);
    }

    /// <summary>Blocks lose an owner that has shared them with nobody.</summary>
    public void Unmap(GroupHeader header, uint start, uint length, ExtentOwner owner)
    {
        if (_hasRmapbt) PlainReverseMap.Unmap(Open(header), start, length, owner);
    }

    /// <summary>What a RUI asks for.</summary>
    public void Change(
        ReverseMapAction action, GroupHeader header, uint start, uint length, ExtentOwner owner, bool isUnwritten)
    {
        if (_hasRmapbt) Change(action, Open(header), start, length, owner, isUnwritten);
    }

    /// <summary>What a RUI asks for, in any reverse map.</summary>
    public static void Change(
        ReverseMapAction action, RmapTree tree, uint start, uint length, ExtentOwner owner, bool isUnwritten)
    {
        switch (action)
        {
            case ReverseMapAction.Map or ReverseMapAction.Allocate:
                PlainReverseMap.Map(tree, start, length, owner, isUnwritten);
                break;
            case ReverseMapAction.Unmap or ReverseMapAction.Free:
                PlainReverseMap.Unmap(tree, start, length, owner, isUnwritten);
                break;
            case ReverseMapAction.Convert:
                PlainReverseMap.Convert(tree, start, length, owner, isUnwritten);
                break;
            case ReverseMapAction.MapShared:
                SharedReverseMap.Map(tree, start, length, owner, isUnwritten);
                break;
            case ReverseMapAction.UnmapShared:
                SharedReverseMap.Unmap(tree, start, length, owner, isUnwritten);
                break;
            default:
                SharedReverseMap.Convert(tree, start, length, owner, isUnwritten);
                break;
        }
    }

    private RmapTree Open(GroupHeader header) => new(trees.Rmapbt(header), header);
}
