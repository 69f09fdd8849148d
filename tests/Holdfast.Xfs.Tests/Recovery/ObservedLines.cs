// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Recovery;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>What replay does with each item, in the words of the kernel's tracepoints.</summary>
internal sealed class ObservedLines : IRecoveryObserver
{
    private static readonly Dictionary<LogItemType, string> Names = new()
    {
        [LogItemType.ExtentFree] = "EFI", [LogItemType.ExtentFreeDone] = "EFD", [LogItemType.Inode] = "INODE",
        [LogItemType.Buffer] = "BUF", [LogItemType.Dquot] = "DQUOT", [LogItemType.QuotaOff] = "QUOTAOFF",
        [LogItemType.InodeCreate] = "ICREATE", [LogItemType.ReverseMap] = "RUI", [LogItemType.ReverseMapDone] = "RUD",
        [LogItemType.Refcount] = "CUI", [LogItemType.RefcountDone] = "CUD", [LogItemType.BlockMap] = "BUI",
        [LogItemType.BlockMapDone] = "BUD", [LogItemType.Attribute] = "ATTRI", [LogItemType.AttributeDone] = "ATTRD",
        [LogItemType.Exchange] = "XMI", [LogItemType.ExchangeDone] = "XMD",
        [LogItemType.RealtimeExtentFree] = "EFI_RT", [LogItemType.RealtimeExtentFreeDone] = "EFD_RT",
        [LogItemType.RealtimeReverseMap] = "RUI_RT", [LogItemType.RealtimeReverseMapDone] = "RUD_RT",
        [LogItemType.RealtimeRefcount] = "CUI_RT", [LogItemType.RealtimeRefcountDone] = "CUD_RT",
    };

    internal List<string> Lines { get; } = [];

    public void Item(int pass, LogTransaction transaction, LogItem item) =>
        Add("item_recover", pass, transaction, item);

    public void Reordered(int pass, LogTransaction transaction, LogItem item, bool toHead) =>
        Add(toHead ? "item_reorder_head" : "item_reorder_tail", pass, transaction, item);

    public void Buffer(BufferVerdict verdict, in BufferItem buffer)
    {
        string what = verdict switch
        {
            BufferVerdict.NotCancelled => "not_cancel",
            BufferVerdict.CancelAdded => "cancel_add",
            BufferVerdict.CancelCounted => "cancel_ref_inc",
            BufferVerdict.Cancelled => "cancel",
            BufferVerdict.Recovered => "recover",
            BufferVerdict.Skipped => "skip",
            BufferVerdict.InodeBuffer => "inode_buf",
            BufferVerdict.DquotBuffer => "dquot_buf",
            _ => "reg_buf",
        };
        Lines.Add(
            $"log_recover_buf_{what} daddr 0x{buffer.Block:x}, bbcount 0x{buffer.Sectors:x}, flags 0x{buffer.Flags:x}, "
            + $"size {buffer.Size}, map_size {buffer.MapSize}");
    }

    public void Inode(InodeVerdict verdict, in InodeItem inode) => Lines.Add(
        $"log_recover_inode_{Word(verdict)} ino 0x{inode.Inode.Value:x}, size {inode.Size}, "
        + $"fields 0x{(uint)inode.Parts:x}, asize {inode.AttributeSize}, dsize {inode.DataSize}, "
        + $"daddr 0x{inode.Block:x}, bbcount 0x{inode.Sectors:x}, boffset {inode.BufferOffset}");

    public void InodeCreate(InodeVerdict verdict, in InodeCreateItem create) => Lines.Add(
        $"log_recover_icreate_{Word(verdict)} agno 0x{create.Group:x} agbno 0x{create.Block.Value:x} "
        + $"fsbcount 0x{create.Length:x} ireccount {create.Count} isize {create.InodeSize} "
        + $"gen 0x{create.Generation:x}");

    private static string Word(InodeVerdict verdict) => verdict switch
    {
        InodeVerdict.Cancelled => "cancel",
        InodeVerdict.Recovered => "recover",
        _ => "skip",
    };

    private void Add(string what, int pass, LogTransaction transaction, LogItem item) => Lines.Add(
        $"log_recover_{what} tid 0x{transaction.Id:x} lsn 0x{transaction.Lsn.Value:x}, pass {pass}, "
        + $"item type XFS_LI_{Names[item.Type]} item region count/total {item.RegionCount}/{item.RegionsDeclared}");
}
