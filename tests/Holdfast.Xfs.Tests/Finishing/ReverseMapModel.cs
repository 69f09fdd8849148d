// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Groups;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>Makes one change of a reverse map.</summary>
internal delegate void ReverseMapChanger(
    ReverseMapAction action, uint start, uint length, ExtentOwner owner, bool isUnwritten);

/// <summary>
/// A reverse map without records: for every owner the blocks that it has, each with its offset and state. The first
/// half of the stretch is for owners that share blocks, the second for those that do not.
/// </summary>
internal sealed class ReverseMapModel(Random random, uint first, uint length)
{
    private const int Owners = 6;
    private const ulong FirstInode = 128;
    private readonly Dictionary<ExtentOwner, SortedDictionary<uint, (ulong Offset, bool IsUnwritten)>> _blocks = [];

    /// <summary>One random change, made in both.</summary>
    public void Change(ReverseMapChanger change)
    {
        bool isShared = random.Next(2) == 0;
        uint half = length / 2;
        uint start = first + (isShared ? 0 : half) + (uint)random.Next((int)half - 40);
        uint count = (uint)random.Next(1, 40);
        ExtentOwner owner = Owner(isShared);
        SortedDictionary<uint, (ulong Offset, bool IsUnwritten)> blocks = BlocksOf(owner);
        switch (random.Next(5))
        {
            case 0 or 1:
                Map(change, isShared, owner, blocks, start, count);
                break;
            case 2 or 3:
                Unmap(change, isShared, owner, blocks, count);
                break;
            default:
                Convert(change, isShared, owner, blocks, count);
                break;
        }
    }

    /// <summary>Takes out everything.</summary>
    public void Clear(ReverseMapChanger change)
    {
        foreach ((ExtentOwner owner, SortedDictionary<uint, (ulong Offset, bool IsUnwritten)> blocks) in _blocks)
        {
            while (blocks.Count > 0) Unmap(change, blocks.Keys.First() < first + length / 2, owner, blocks, 40);
        }
    }

    /// <summary>What the btree must hold, in its order.</summary>
    public List<RmapRecord> Records()
    {
        var records = new List<RmapRecord>();
        foreach ((ExtentOwner owner, SortedDictionary<uint, (ulong Offset, bool IsUnwritten)> blocks) in _blocks)
        {
            RmapRecord? open = null;
            foreach ((uint block, (ulong offset, bool isUnwritten)) in blocks)
            {
                ExtentOwner at = owner with { Offset = offset };
                ulong packed = at.PackedOffset | (isUnwritten ? RmapRecord.Unwritten : 0);
                if (open is { } run && run.End == block && Continues(run, owner, packed))
                {
                    open = run with { Length = run.Length + 1 };
                    continue;
                }

                if (open is { } whole) records.Add(whole);
                open = new(new(block), 1, owner.Owner, packed);
            }

            if (open is { } last) records.Add(last);
        }

        return [.. records.Order()];
    }

    private static bool Continues(RmapRecord run, ExtentOwner owner, ulong packed) =>
        owner.IsBlockMap ? run.PackedOffset == packed : run.PackedOffset + run.Length == packed;

    private ExtentOwner Owner(bool isShared)
    {
        var inode = new InodeNumber(FirstInode + (ulong)random.Next(Owners) + (isShared ? 0ul : 100));
        return (isShared ? 0 : random.Next(4)) switch
        {
            0 or 1 => ExtentOwner.Mapping(inode, ForkKind.Data, new(0)),
            2 => ExtentOwner.Mapping(inode, ForkKind.Attribute, new(0)),
            _ => ExtentOwner.BlockMap(inode, ForkKind.Data),
        };
    }

    private SortedDictionary<uint, (ulong Offset, bool IsUnwritten)> BlocksOf(ExtentOwner owner)
    {
        if (!_blocks.TryGetValue(owner, out var blocks)) _blocks[owner] = blocks = [];
        return blocks;
    }

    /// <summary>Blocks keep their offset mostly, so that there is something to merge.</summary>
    private void Map(
        ReverseMapChanger change, bool isShared, ExtentOwner owner,
        SortedDictionary<uint, (ulong Offset, bool IsUnwritten)> blocks, uint start, uint count)
    {
        IEnumerable<SortedDictionary<uint, (ulong Offset, bool IsUnwritten)>> taken =
            isShared ? [blocks] : _blocks.Values;
        count = (uint)Enumerable.Range((int)start, (int)count)
            .TakeWhile(block => !taken.Any(others => others.ContainsKey((uint)block))).Count();
        if (count == 0) return;
        ulong offset = owner.IsBlockMap ? 0 : start + (random.Next(8) == 0 ? 5000ul : 0);
        bool isUnwritten = !owner.IsBlockMap && !owner.IsAttributeFork && random.Next(3) == 0;
        change(
            isShared ? ReverseMapAction.MapShared : ReverseMapAction.Map, start, count,
            owner with { Offset = offset }, isUnwritten);
        for (uint i = 0; i < count; i++) blocks[start + i] = (owner.IsBlockMap ? 0 : offset + i, isUnwritten);
    }

    private void Unmap(
        ReverseMapChanger change, bool isShared, ExtentOwner owner,
        SortedDictionary<uint, (ulong Offset, bool IsUnwritten)> blocks, uint count)
    {
        if (!Pick(owner, blocks, ref count, out uint start)) return;
        (ulong offset, bool isUnwritten) = blocks[start];
        change(
            isShared ? ReverseMapAction.UnmapShared : ReverseMapAction.Unmap, start, count,
            owner with { Offset = offset }, isUnwritten);
        for (uint i = 0; i < count; i++) blocks.Remove(start + i);
    }

    private void Convert(
        ReverseMapChanger change, bool isShared, ExtentOwner owner,
        SortedDictionary<uint, (ulong Offset, bool IsUnwritten)> blocks, uint count)
    {
        if (owner.IsBlockMap || owner.IsAttributeFork || !Pick(owner, blocks, ref count, out uint start)) return;
        (ulong offset, bool isUnwritten) = blocks[start];
        change(
            isShared ? ReverseMapAction.ConvertShared : ReverseMapAction.Convert, start, count,
            owner with { Offset = offset }, !isUnwritten);
        for (uint i = 0; i < count; i++) blocks[start + i] = (offset + i, !isUnwritten);
    }

    /// <summary>A run of blocks that one record has.</summary>
    private bool Pick(
        ExtentOwner owner, SortedDictionary<uint, (ulong Offset, bool IsUnwritten)> blocks, ref uint count,
        out uint start)
    {
        start = 0;
        if (blocks.Count == 0) return false;
        start = blocks.Keys.ElementAt(random.Next(blocks.Count));
        uint end = start + 1;
        while (end < start + count && blocks.TryGetValue(end, out var next)
            && next.IsUnwritten == blocks[start].IsUnwritten
            && (owner.IsBlockMap || next.Offset == blocks[start].Offset + (end - start)))
        {
            end++;
        }

        count = end - start;
        return true;
    }
}
