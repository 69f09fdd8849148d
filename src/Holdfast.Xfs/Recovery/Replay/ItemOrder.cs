// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Replay;

/// <summary>
/// The order in which the items of a transaction are replayed (L9): buffers and new inode chunks, then all that is no
/// buffer, then inode buffers, then cancellations; the last two backwards.
/// </summary>
internal sealed class ItemOrder(IRecoveryObserver? observer)
{
    private readonly List<int> _ordered = [];
    private readonly List<int> _others = [];
    private readonly List<int> _inodeBuffers = [];
    private readonly List<int> _cancels = [];

    /// <summary>Indices into the transaction, in order. Good until the next call.</summary>
    public BlockFault Sort(int pass, LogTransaction transaction, out IReadOnlyList<int> ordered)
    {
        ordered = _ordered;
        _ordered.Clear();
        _others.Clear();
        _inodeBuffers.Clear();
        _cancels.Clear();
        for (int i = 0; i < transaction.Count; i++)
        {
            LogItem item = transaction[i];
            if (!Enum.IsDefined(item.Type) || item.Type == LogItemType.InodeUnlink)
            {
                return BlockFault.Bad("item type", $"0x{(ushort)item.Type:x} is not known");
            }

            switch (item.Type)
            {
                case LogItemType.Buffer:
                    BlockFault fault = BufferItem.TryOpen(item, out BufferItem buffer);
                    if (!fault.IsNone) return fault;
                    if (buffer.IsCancel)
                    {
                        observer?.Reordered(pass, transaction, item, toHead: true);
                        _cancels.Add(i);
                    }
                    else
                    {
                        (buffer.IsInodeBuffer ? _inodeBuffers : _ordered).Add(i);
                    }

                    break;
                case LogItemType.InodeCreate:
                    _ordered.Add(i);
                    break;
                default:
                    observer?.Reordered(pass, transaction, item, toHead: false);
                    _others.Add(i);
                    break;
            }
        }

        _inodeBuffers.Reverse();
        _cancels.Reverse();
        _ordered.AddRange(_others);
        _ordered.AddRange(_inodeBuffers);
        _ordered.AddRange(_cancels);
        return BlockFault.None;
    }
}
