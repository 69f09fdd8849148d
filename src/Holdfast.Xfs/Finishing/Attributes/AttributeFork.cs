// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.Finishing.Forks;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>The attribute fork of an inode that is being changed: its form, and the blocks that it maps.</summary>
internal sealed class AttributeFork(FinishContext context, InodeEditor inode)
{
    public InodeNumber Inode => inode.Number;

    public bool Exists => inode.HasAttributeFork;

    public bool IsLocal => Exists && Format == ForkFormat.Local;

    public bool HasAttributes => Exists && !(Format == ForkFormat.Extents && Extents == 0);

    /// <summary>In the inode, or nowhere yet.</summary>
    public bool IsShortForm => IsLocal || !HasAttributes;

    /// <summary>One block, so one leaf.</summary>
    public bool IsLeaf => Exists && Format == ForkFormat.Extents && Extents == 1
        && context.Forks.Lookup(inode, ForkKind.Attribute, default) is { Offset.Value: 0, Length: 1 };

    /// <summary>May the fork go with its last attribute, so that the data fork gets all of the inode?</summary>
    public bool MayVanish => inode.FormatOf(ForkKind.Data) != ForkFormat.Btree;

    /// <summary>The attributes in the inode, verified; a list without any where there are none.</summary>
    public ReadOnlySpan<byte> ShortForm
    {
        get
        {
            if (!IsLocal) return ShortFormEditor.Empty;
            ReadOnlySpan<byte> fork = inode.Fork(ForkKind.Attribute);
            Open(fork);
            return fork[..fork.U16(AttributeShortForm.At.TotalSizeAt)];
        }
    }

    public ForkOffset Offset => new(
        inode.LiteralLength, inode.ForkOffset, inode.FormatOf(ForkKind.Data), inode.FormatOf(ForkKind.Data) switch
        {
            ForkFormat.Local => (int)Math.Min(inode.Size, inode.LiteralLength),
            ForkFormat.Extents => (int)inode.ExtentsOf(ForkKind.Data) * ExtentRecord.Size,
            _ => 0,
        });

    private ForkFormat Format => inode.FormatOf(ForkKind.Attribute);

    private ulong Extents => inode.ExtentsOf(ForkKind.Attribute);

    public AttributeShortForm Open(ReadOnlySpan<byte> list)
    {
        BlockFault fault = AttributeShortForm.TryOpen(list, out AttributeShortForm form);
        if (!fault.IsNone) Fail(fault);
        return form;
    }

    /// <summary>Puts attributes into the inode. The fork maps nothing.</summary>
    public void SetShortForm(ReadOnlySpan<byte> list, int offset)
    {
        byte[] content = list.ToArray(); // it may lie where the fork is
        Empty(offset, ForkFormat.Local);
        Span<byte> fork = inode.EditFork(ForkKind.Attribute);
        fork.Clear();
        content.CopyTo(fork);
    }

    /// <summary>The attributes leave the inode: a fork that maps nothing, beside as much room as data can
    /// have.</summary>
    public void LeaveInode() => Empty(Offset.WithoutContent(context.Geometry.InodeSize), ForkFormat.Extents);

    /// <summary>The fork is no more; it maps nothing.</summary>
    public void Remove() => Empty(0, ForkFormat.Extents);

    /// <summary>A block for the tree, at the first place in the fork that is not mapped.</summary>
    public uint Grow(AttributeChange change)
    {
        uint number = FirstUnused(1);
        ulong before = inode.Blocks;
        Allocate(number, 1, change.Reserve);
        change.Reserve -= (uint)Math.Min(change.Reserve, inode.Blocks - before);
        return number;
    }

    /// <summary>The tree has no more use for a block.</summary>
    public void Shrink(uint number)
    {
        context.Editor.Forget(context.Geometry.ByteOf(BlockOf(number)), context.Geometry.BlockSize);
        context.Forks.UnmapNow(inode, ForkKind.Attribute, new(number), 1);
    }

    /// <summary>Gives blocks up, as many as one transaction does.</summary>
    /// <returns>True where none of them is left.</returns>
    public bool UnmapSome(uint first, uint count) =>
        context.Forks.UnmapNow(inode, ForkKind.Attribute, new(first), count, extentsMax: 1);

    /// <returns>How many blocks there are now, from the first on.</returns>
    public uint Allocate(uint first, uint count, uint reserve)
    {
        ForkExtent got = context.Forks.AllocateNow(inode, ForkKind.Attribute, new(first), count, reserve);
        return got.Length;
    }

    /// <summary>Gives all blocks up, the root's last, and the fork. Commits steps of its own.</summary>
    public void Free()
    {
        if (HasAttributes && !IsLocal)
        {
            AttributeForkWalk.Check(context, this);
            context.Forks.Truncate(inode, ForkKind.Attribute, new(1));
            context.Forks.Truncate(inode, ForkKind.Attribute, new(0));
        }

        Remove();
    }

    /// <summary>The first place in the fork where so many blocks in a row are not mapped.</summary>
    public uint FirstUnused(uint count)
    {
        ulong end = 0;
        while (context.Forks.Lookup(inode, ForkKind.Attribute, new(end)) is { } extent)
        {
            if (extent.Offset.Value >= end + count) break;
            end = extent.Offset.Value + extent.Length;
        }

        if (end + count > uint.MaxValue) Fail(BlockFault.Bad("br_startoff", $"no room after file block {end}"));
        return (uint)end;
    }

    public FsBlock BlockOf(uint number)
    {
        if (context.Forks.Lookup(inode, ForkKind.Attribute, new(number)) is { } extent
            && extent.Offset.Value <= number)
        {
            FsBlock block = new(extent.Start.Value + (number - extent.Offset.Value));
            if (context.Geometry.IsValid(block)) return block;
        }

        Fail(BlockFault.Bad("br_startoff", $"file block {number} has no mapping"));
        return default;
    }

    /// <summary>What a report calls one of its blocks.</summary>
    public string Structure(uint number) => $"attribute block {number} of inode {Inode}";

    private void Empty(int offset, ForkFormat format)
    {
        inode.ForkOffset = offset;
        inode.SetFormat(ForkKind.Attribute, format);
        inode.SetExtents(ForkKind.Attribute, 0);
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void Fail(BlockFault why) => RecoveryFailure.Throw(
        why, context.Geometry.ByteOf(Inode), context.Geometry.InodeSize, $"attribute fork of inode {Inode}");
}
