// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>
/// Reads a whole tree through the volume, level by level, and wants everything that holds in a sound one: levels,
/// siblings, keys and high keys exact, blocks at least half full, none in the tree twice.
/// </summary>
internal sealed class TreeCheck(XfsVolume volume, BtreeFormat format, PoolPlace place)
{
    private readonly BtreeKind _kind = BtreeKind.Of(format);
    private readonly List<byte[]> _records = [];
    private readonly HashSet<ulong> _blocks = [];

    private sealed record Child(ulong Pointer, byte[] Keys);

    /// <summary>Every record in order.</summary>
    public IReadOnlyList<byte[]> Run()
    {
        List<Child> children;
        int level;
        if (place.IsInInode)
        {
            Assert.True(InlineBtreeRoot.TryOpen(place.InlineRoot, format, out BtreeBlock root).IsNone);
            level = root.Level;
            if (level == 0) Take(in root);
            children = level == 0 ? [] : ChildrenOf(in root);
        }
        else
        {
            level = place.Levels;
            children = [new(place.Root, [])];
        }

        while (level > 0) children = Level(children, --level, isRoot: !place.IsInInode && level == place.Levels - 1);
        Assert.Equal(place.Used.Order(), _blocks.Order());
        return _records;
    }

    private List<Child> Level(List<Child> blocks, int level, bool isRoot)
    {
        BtreeLayout layout = BtreeLayout.OfBlock(format, volume.Features.IsV5, volume.Geometry.BlockSize);
        var below = new List<Child>();
        byte[] bytes = new byte[volume.Geometry.BlockSize];
        for (int i = 0; i < blocks.Count; i++)
        {
            ulong pointer = blocks[i].Pointer;
            Assert.True(_blocks.Add(pointer), $"block {pointer} is in the tree twice");
            AgBlock at = format.IsLong
                ? volume.Geometry.AgBlockOf(new FsBlock(pointer))
                : new((uint)pointer);
            Assert.True(volume.ReadBlock(place.Ag, at, bytes).IsNone);
            BlockIdentity identity = volume.Geometry.IdentityOf(place.Ag, at, place.Owner);
            BlockFault fault = BtreeBlock.TryOpen(bytes, format, in identity, level, out BtreeBlock block);
            Assert.True(fault.IsNone, $"{fault}");
            Assert.Equal(i == 0 ? BtreePlace.NoPointer : blocks[i - 1].Pointer, layout.LeftSibling(bytes));
            Assert.Equal(
                i == blocks.Count - 1 ? BtreePlace.NoPointer : blocks[i + 1].Pointer, layout.RightSibling(bytes));
            if (!isRoot && blocks.Count > 1) Assert.InRange(block.Count, layout.EntriesMin(level), int.MaxValue);
            if (block.IsLeaf) Take(in block);
            else below.AddRange(ChildrenOf(in block));
            if (!isRoot && block.Count > 0) Assert.Equal(KeysOf(in block), blocks[i].Keys);
        }

        return below;
    }

    private List<Child> ChildrenOf(in BtreeBlock node)
    {
        var children = new List<Child>();
        for (int i = 0; i < node.Count; i++)
        {
            byte[] keys = new byte[format.KeyStride];
            node.Key(i).CopyTo(keys);
            if (format.HasHighKeys) node.HighKey(i).CopyTo(keys.AsSpan(format.KeySize));
            children.Add(new(node.Pointer(i), keys));
        }

        return children;
    }

    private void Take(in BtreeBlock leaf)
    {
        for (int i = 0; i < leaf.Count; i++) _records.Add(leaf.Record(i).ToArray());
    }

    private byte[] KeysOf(in BtreeBlock block)
    {
        byte[] keys = new byte[format.KeyStride];
        if (block.IsLeaf) _kind.KeyOf(block.Record(0), keys);
        else block.Key(0).CopyTo(keys);
        if (!format.HasHighKeys) return keys;
        byte[] greatest = new byte[format.KeySize];
        for (int i = 0; i < block.Count; i++)
        {
            byte[] high = new byte[format.KeySize];
            if (block.IsLeaf) _kind.HighKeyOf(block.Record(i), high);
            else block.HighKey(i).CopyTo(high);
            if (i == 0 || _kind.Compare(high, greatest) > 0) greatest = high;
        }

        greatest.CopyTo(keys, format.KeySize);
        return keys;
    }
}
