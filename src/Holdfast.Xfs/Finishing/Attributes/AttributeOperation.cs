// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Finishing.Attributes;

/// <summary>
/// An attribute intent on its way. What is logged is set by taking away first what has the name, whole or half made,
/// and then putting in the new; each state is what one transaction does.
/// </summary>
internal sealed class AttributeOperation : DeferredOperation
{
    private readonly AttributeIntent _intent;
    private readonly AttributeOperationKind _operation;
    private readonly AttributeChange _change;
    private State? _state;

    /// <summary>Blocks of a remote value that are still to be allocated.</summary>
    private uint _left;

    private uint _next;

    /// <param name="intent">One that has been checked.</param>
    /// <param name="features">Of the filesystem.</param>
    public AttributeOperation(AttributeIntent intent, Features features)
    {
        _intent = intent;
        _operation = (AttributeOperationKind)intent.Operation;
        var filter = (AttributeBits)intent.Filter;
        _change = new()
        {
            Name = intent.Name,
            Value = intent.Value,
            Filter = filter,
            Hash = AttributeChange.HashOf(features, filter, intent.Name.Span, intent.Value.Span),
            IsRecovery = true,
        };
    }

    private enum State
    {
        RemoveFromInode,
        RemoveFromLeaf,
        RemoveFromTree,
        RemoveRemoteValue,
        RemoveEntry,
        AddToInode,
        AddToLeaf,
        AddToTree,
        FindSpace,
        AllocateValue,
        Done,
    }

    public override DeferredKind Kind => DeferredKind.Attribute;

    private bool IsRemoval => _operation is AttributeOperationKind.Remove or AttributeOperationKind.ParentRemove;

    public override bool Step(FinishContext context)
    {
        var fork = new AttributeFork(context, context.Forks.Open(new(_intent.Inode)));
        var tree = new AttributeTree(context, fork);
        _state ??= FirstState(fork, context.Geometry);
        // A kernel of version 6.18 falls over a parent pointer that is to be removed from nothing.
        if (IsRemoval && !fork.HasAttributes) _state = State.Done;
        switch (_state)
        {
            case State.RemoveFromInode:
                RemoveFromInode(fork, context.Features);
                break;
            case State.RemoveFromLeaf:
                RemoveFromLeaf(tree);
                break;
            case State.RemoveFromTree:
                RemoveFromTree(tree);
                break;
            case State.RemoveRemoteValue:
                if (fork.UnmapSome(_change.RemoteBlock, _change.RemoteCount)) _state = State.RemoveEntry;
                break;
            case State.RemoveEntry:
                RemoveEntry(tree);
                break;
            case State.AddToInode:
                AddToInode(tree);
                break;
            case State.AddToLeaf:
                AddToLeaf(tree);
                break;
            case State.AddToTree:
                AddToTree(tree);
                break;
            case State.FindSpace:
                FindSpace(fork);
                goto case State.AllocateValue;
            case State.AllocateValue:
                AllocateValue(context, tree);
                break;
        }

        if (_state is State.RemoveFromInode or State.RemoveFromLeaf) Complete(fork, context.Features);
        return _state == State.Done;
    }

    private State FirstState(AttributeFork fork, Geometry geometry)
    {
        if (IsRemoval) return RemoveState(fork);
        _change.Reserve = AttributeReserve.Of(geometry, _change);
        if (!fork.HasAttributes) return AddState(fork);
        _change.IsReplacement = true;
        _change.IsAddition = true;
        return RemoveState(fork);
    }

    private static State RemoveState(AttributeFork fork)
    {
        if (fork.IsShortForm) return State.RemoveFromInode;
        return fork.IsLeaf ? State.RemoveFromLeaf : State.RemoveFromTree;
    }

    /// <summary>Whoever logged the intent has made the fork before: without one, nothing is added.</summary>
    private State AddState(AttributeFork fork)
    {
        if (!fork.Exists) return State.Done;
        _change.IsAddition = true;
        if (fork.IsShortForm) return State.AddToInode;
        return fork.IsLeaf ? State.AddToLeaf : State.AddToTree;
    }

    /// <summary>What was to go has gone; what was to come may still have to.</summary>
    private void Complete(AttributeFork fork, Features features)
    {
        _state = _change.IsReplacement ? AddState(fork) : State.Done;
        if (_change.IsReplacement && _operation == AttributeOperationKind.ParentReplace)
        {
            _change.Name = _intent.NewName;
            _change.Value = _intent.NewValue;
            _change.Hash = AttributeChange.HashOf(
                features, AttributeBits.Parent, _change.Name.Span, _change.Value.Span);
        }

        _change.IsReplacement = false;
        _change.Filter &= ~AttributeBits.Incomplete;
    }

    private void RemoveFromInode(AttributeFork fork, Features features)
    {
        int at = ShortFormEditor.Find(fork.ShortForm, _change);
        if (at < 0) return;
        byte[] list = ShortFormEditor.Without(fork.ShortForm, at);
        bool vanishes = list.Length == ShortFormEditor.EmptySize && fork.MayVanish && !features.ParentPointers
            && !_change.IsReplacement && !_change.IsAddition;
        if (vanishes) fork.Remove();
        else fork.SetShortForm(list, fork.Offset.Fitting(list.Length));
    }

    private void RemoveFromLeaf(AttributeTree tree)
    {
        EditBuffer leaf = tree.Leaf(0);
        if (!AttributeTree.FindInLeaf(leaf, _change)) return;
        LeafSpace.Remove(leaf, _change);
        FormChange.ToInodeIfFits(tree, _change.IsReplacement);
    }

    private void RemoveFromTree(AttributeTree tree)
    {
        _change.RemoteBlock = 0;
        if (!tree.Find(_change, out _))
        {
            Complete(tree.Fork, tree.Features);
            return;
        }

        RemoteValueEditor.MarkIncomplete(tree, _change);
        _state = _change.RemoteBlock == 0 ? State.RemoveEntry : State.RemoveRemoteValue;
    }

    private void RemoveEntry(AttributeTree tree)
    {
        _change.RemoteBlock = 0;
        _change.Filter |= AttributeBits.Incomplete;
        if (!tree.Find(_change, out TreePath path))
        {
            TreeBlock leaf = path.Last;
            tree.Fail(leaf.Buffer, leaf.Number, BlockFault.Bad("entries", "the attribute that was marked is gone"));
        }

        LeafSpace.Remove(path.Last.Buffer, _change);
        AttributeTree.FixHashes(path);
        if (path.Active > 1) new TreeJoin(tree).Run(path);
        if (tree.Fork.IsLeaf) FormChange.ToInodeIfFits(tree, _change.IsReplacement);
        Complete(tree.Fork, tree.Features);
    }

    private void AddToInode(AttributeTree tree)
    {
        AttributeFork fork = tree.Fork;
        byte[] list = fork.IsLocal ? fork.ShortForm.ToArray() : ShortFormEditor.Empty;
        if (ShortFormEditor.Find(list, _change) >= 0) FailExists();
        int size = list.Length + ShortFormEditor.SizeOf(_change.Name.Length, _change.Value.Length);
        bool isShort = _change.Name.Length < ShortFormEditor.LengthEnd
            && _change.Value.Length < ShortFormEditor.LengthEnd;
        int offset = isShort ? fork.Offset.Fitting(size) : 0;
        if (offset == 0)
        {
            fork.SetShortForm(list, fork.Offset.Current);
            FormChange.ToLeaf(tree, _change);
            _state = State.AddToLeaf;
            return;
        }

        byte[] longer = ShortFormEditor.With(list, _change.Filter, _change.Name.Span, _change.Value.Span);
        fork.SetShortForm(longer, offset);
        _state = State.Done;
    }

    private void AddToLeaf(AttributeTree tree)
    {
        EditBuffer leaf = tree.Leaf(0);
        if (AttributeTree.FindInLeaf(leaf, _change)) FailExists();
        // The block stays what an earlier state found. Where that was a leaf below nodes which are gone now, a mount
        // (6.18) looks for the entry there when a remote value is complete, finds no leaf, and fails.
        _change.RemoteBlock = 0;
        if (!LeafSpace.TryAdd(leaf, _change))
        {
            TreeSplit.RaiseLeaf(tree, _change);
            _state = State.AddToTree;
            return;
        }

        Added(tree);
    }

    private void AddToTree(AttributeTree tree)
    {
        _change.RemoteBlock = 0;
        if (tree.Find(_change, out TreePath path)) FailExists();
        if (LeafSpace.TryAdd(path.Last.Buffer, _change))
        {
            AttributeTree.FixHashes(path);
        }
        else if (path.Active == 1)
        {
            // One leaf after all, with a remote value behind it.
            TreeSplit.RaiseLeaf(tree, _change);
            return;
        }
        else
        {
            new TreeSplit(tree, _change).Run(path);
        }

        Added(tree);
    }

    private void Added(AttributeTree tree)
    {
        if (_change.RemoteBlock != 0) _state = State.FindSpace;
        else Complete(tree.Fork, tree.Features);
    }

    private void FindSpace(AttributeFork fork)
    {
        _left = _change.RemoteCount;
        _next = fork.FirstUnused(_left);
        _change.RemoteBlock = _next;
    }

    private void AllocateValue(FinishContext context, AttributeTree tree)
    {
        _state = State.AllocateValue;
        uint got = tree.Fork.Allocate(_next, _left, _change.Reserve);
        _next += got;
        _left -= got;
        if (_left > 0) return;
        RemoteValueEditor.Write(context, tree.Fork, _change);
        RemoteValueEditor.Complete(tree, _change);
        _state = State.Done;
    }

    private void FailExists() => RecoveryFailure.Throw(
        BlockFault.Bad("name", "an attribute that is there already"), 0, 0,
        $"attributes of inode {_intent.Inode}");
}
