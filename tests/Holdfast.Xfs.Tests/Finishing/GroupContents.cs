// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>All records of a group's btrees, read by the project's own walk, which must find no fault.</summary>
internal sealed class GroupContents(XfsVolume volume, uint ag)
{
    private AgFreeHeader Header => volume.Group(ag).Free
        ?? throw new InvalidOperationException($"AGF {ag}: {volume.Group(ag).FreeFault}");

    public List<FreeRecord> FreeByStart => [.. All(BtreeFormat.Bnobt, Header.Bnobt, FreeRecord.Read)];

    public List<FreeRecord> FreeBySize => [.. All(BtreeFormat.Cntbt, Header.Cntbt, FreeRecord.Read)];

    public List<RmapRecord> ReverseMap => [.. All(BtreeFormat.Rmapbt, Header.Rmapbt, RmapRecord.Read)];

    public List<RefcountRecord> Refcounts => [.. All(BtreeFormat.Refcountbt, Header.Refcountbt, RefcountRecord.Read)];

    /// <summary>The AGF's counts, and both ways to look at free space, agree.</summary>
    public void CheckFreeSpace()
    {
        List<FreeRecord> free = FreeByStart;
        Assert.Equal(free.OrderBy(at => at.Length).ThenBy(at => at.Start.Value), FreeBySize);
        Assert.Equal(Header.FreeBlocks, (uint)free.Sum(at => at.Length));
        Assert.Equal(Header.Longest, free.Count == 0 ? 0 : free.Max(at => at.Length));
        Assert.All(free.Zip(free.Skip(1)), pair =>
            Assert.True(pair.First.Start.Value + pair.First.Length < pair.Second.Start.Value));
        List<AgBlock>? list = AgHeaderReader.ReadFreeList(volume, volume.Group(ag));
        Assert.NotNull(list);
        Assert.Equal(list.Count, list.Distinct().Count());
    }

    /// <summary>Everybody has the blocks that the reverse map says, where that is the group itself.</summary>
    public void CheckOwnBlocks()
    {
        var used = new HashSet<uint>(AgHeaderReader.ReadFreeList(volume, volume.Group(ag))!.Select(at => at.Value));
        foreach (uint block in BlocksOf(BtreeFormat.Bnobt, Header.Bnobt)
            .Concat(BlocksOf(BtreeFormat.Cntbt, Header.Cntbt))
            .Concat(BlocksOf(BtreeFormat.Rmapbt, Header.Rmapbt)))
        {
            Assert.True(used.Add(block), $"block {block} is used twice");
        }

        Assert.Equal(used.Order(), BlocksOwnedBy(RmapOwner.Ag));
        Assert.Equal(BlocksOf(BtreeFormat.Refcountbt, Header.Refcountbt).Order(), BlocksOwnedBy(RmapOwner.Refcount));
    }

    private IEnumerable<uint> BlocksOwnedBy(ulong owner) => ReverseMap
        .Where(at => at.Owner == owner)
        .SelectMany(at => Enumerable.Range((int)at.Start.Value, (int)at.Length))
        .Select(block => (uint)block);

    private List<uint> BlocksOf(BtreeFormat format, BtreeRoot root)
    {
        var visitor = new Visitor<int> { Read = _ => 0, Size = format.RecordSize };
        BtreeWalk.Run(volume, volume.Group(ag), format, root, ref visitor);
        return visitor.Blocks;
    }

    private List<T> All<T>(BtreeFormat format, BtreeRoot root, ReadRecord<T> read)
    {
        var visitor = new Visitor<T> { Read = read, Size = format.RecordSize };
        BtreeWalk.Run(volume, volume.Group(ag), format, root, ref visitor);
        Assert.False(volume.Faults.HasOpenFaults, string.Join('\n', volume.Faults.ToList()));
        return visitor.Found;
    }

    internal delegate T ReadRecord<T>(ReadOnlySpan<byte> bytes);

    private struct Visitor<T>() : IBtreeVisitor
    {
        public required ReadRecord<T> Read;
        public required int Size;
        public List<T> Found = [];
        public List<uint> Blocks = [];

        public readonly bool Wants(uint low, uint high) => true;

        public readonly void Block(AgBlock block, int level) => Blocks.Add(block.Value);

        public readonly void Leaf(in BtreeBlock leaf)
        {
            for (int i = 0; i < leaf.Count; i++) Found.Add(Read(leaf.Record(i)));
        }

        public readonly void Lost(AgBlock block, int level, uint low, uint high) =>
            Assert.Fail($"block {block} of level {level}");
    }
}
