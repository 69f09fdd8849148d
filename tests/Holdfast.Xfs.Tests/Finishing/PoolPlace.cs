// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Finishing;
using Holdfast.Xfs.Finishing.Btrees;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Tests.Finishing;

/// <summary>A tree of a test's own: its blocks come from a pool in group 1, its root is kept here.</summary>
internal sealed class PoolPlace : BtreePlace
{
    private const uint FirstBlock = 1000;
    private readonly Stack<ulong> _free = [];
    private readonly VolumeEditor _editor;
    private readonly byte[]? _inline;
    private ulong _root;
    private int _levels;
    private uint _next = FirstBlock;

    /// <param name="room">Bytes of the fork that holds the root; null: the root is a block.</param>
    /// <param name="first">The record that a block map begins with: it is never empty.</param>
    public PoolPlace(VolumeEditor editor, BtreeFormat format, int? room, byte[] first)
    {
        _editor = editor;
        IsLong = format.IsLong;
        var tree = new BtreeTree(editor, BtreeKind.Of(format));
        if (room is not { } bytes)
        {
            _root = Allocate(NoPointer);
            _levels = 1;
            tree.Open(this);
            tree.NewBlock(_root, 0);
            return;
        }

        _inline = new byte[bytes];
        if (format.Name != BtreeName.Bmbt)
        {
            tree.Open(this);
            return;
        }

        // The root of a block map is never a leaf.
        ulong leaf = Allocate(NoPointer);
        BtreeLayout layout = BtreeLayout.OfInlineRoot(format, bytes);
        layout.SetLevel(_inline, 1);
        layout.SetCount(_inline, 1);
        layout.SetPointer(_inline, 1, leaf);
        tree.Open(this);
        Span<byte> bytesOfLeaf = tree.NewBlock(leaf, 0).Edit();
        tree.Layout.SetCount(bytesOfLeaf, 1);
        first.CopyTo(tree.Layout.Record(bytesOfLeaf, 1));
        tree.KeysOf(bytesOfLeaf, tree.Layout, layout.Keys(_inline.AsSpan(), 1));
    }

    public HashSet<ulong> Used { get; } = [];

    public bool IsLong { get; }

    public override uint Ag => 1;

    public override ulong Owner => IsInInode ? 12345u : Ag;

    public override bool IsInInode => _inline is not null;

    public override ulong Root => _root;

    public override int Levels => _levels;

    public override ReadOnlySpan<byte> InlineRoot => _inline;

    public override Span<byte> EditInlineRoot() => _inline;

    public override void SetRoot(ulong root, int levels)
    {
        Assert.Contains(root, Used);
        Assert.Equal(1, Math.Abs(levels - _levels));
        _root = root;
        _levels = levels;
    }

    public override ulong Allocate(ulong near)
    {
        Assert.True(near == NoPointer || Used.Contains(near));
        ulong block = _free.Count > 0 ? _free.Pop() : _next++;
        if (IsLong && block < uint.MaxValue) block = _editor.Geometry.FsBlockOf(Ag, new((uint)block)).Value;
        Used.Add(block);
        return block;
    }

    public override void Free(ulong pointer)
    {
        Assert.True(Used.Remove(pointer));
        _free.Push(IsLong ? _editor.Geometry.AgBlockOf(new FsBlock(pointer)).Value : pointer);
    }
}
