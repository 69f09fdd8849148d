// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Items;
using Holdfast.Xfs.Recovery.Replay;
using Holdfast.Xfs.Recovery.Transactions;
using Holdfast.Xfs.Volume;

namespace Holdfast.Xfs.Recovery.Explaining;

/// <summary>Says what a logged item is about. Nothing in it was believed before; what cannot be read is said to be
/// damaged.</summary>
internal static class ItemWords
{
    public static ExplainedItem Of(LogItem item, ItemFate fate, Geometry geometry)
    {
        long bytes = 0;
        for (int i = 0; i < item.RegionCount; i++) bytes += item.RegionMemory(i).Length;
        var plain = new ExplainedItem(TypeOf(item.Type), "", fate, item.RegionCount, bytes);
        return item.Type switch
        {
            LogItemType.Buffer => OfBuffer(plain, item),
            LogItemType.Inode => OfInode(plain, item, geometry),
            LogItemType.InodeCreate => OfCreate(plain, item, geometry),
            LogItemType.Dquot => OfDquot(plain, item),
            LogItemType.QuotaOff => plain with { Text = "quota is turned off" },
            _ => OfIntent(plain, item),
        };
    }

    private static string TypeOf(LogItemType type) => type switch
    {
        LogItemType.Buffer => "buffer",
        LogItemType.Inode => "inode",
        LogItemType.InodeCreate => "icreate",
        LogItemType.Dquot => "dquot",
        LogItemType.QuotaOff => "quotaoff",
        LogItemType.ExtentFree => "EFI",
        LogItemType.ExtentFreeDone => "EFD",
        LogItemType.ReverseMap => "RUI",
        LogItemType.ReverseMapDone => "RUD",
        LogItemType.Refcount => "CUI",
        LogItemType.RefcountDone => "CUD",
        LogItemType.BlockMap => "BUI",
        LogItemType.BlockMapDone => "BUD",
        LogItemType.Attribute => "ATTRI",
        LogItemType.AttributeDone => "ATTRD",
        LogItemType.Exchange => "XMI",
        LogItemType.ExchangeDone => "XMD",
        LogItemType.RealtimeExtentFree => "EFI_RT",
        LogItemType.RealtimeExtentFreeDone => "EFD_RT",
        LogItemType.RealtimeReverseMap => "RUI_RT",
        LogItemType.RealtimeReverseMapDone => "RUD_RT",
        LogItemType.RealtimeRefcount => "CUI_RT",
        LogItemType.RealtimeRefcountDone => "CUD_RT",
        _ => $"0x{(ushort)type:x}",
    };

    private static ExplainedItem OfBuffer(ExplainedItem plain, LogItem item)
    {
        if (!BufferItem.TryOpen(item, out BufferItem buffer).IsNone) return plain with { Text = "damaged" };
        string what = buffer.IsCancel ? "freed"
            : buffer.IsInodeBuffer ? "inode buffer: links of unlinked inodes"
            : BufferReplay.StructureOf(buffer.Type);
        return plain with { Text = what, Offset = buffer.Offset, Length = buffer.Length };
    }

    private static ExplainedItem OfInode(ExplainedItem plain, LogItem item, Geometry geometry)
    {
        if (!InodeItem.TryOpen(item, geometry.InodeSize, out InodeItem inode).IsNone)
        {
            return plain with { Text = "damaged" };
        }

        var parts = new List<string> { "core" };
        if ((inode.Parts & InodeParts.DataLocal) != 0) parts.Add("data in the inode");
        if ((inode.Parts & InodeParts.DataExtents) != 0) parts.Add("data extents");
        if ((inode.Parts & InodeParts.DataRoot) != 0) parts.Add("data btree root");
        if ((inode.Parts & InodeParts.Device) != 0) parts.Add("device number");
        if ((inode.Parts & InodeParts.AttributeLocal) != 0) parts.Add("attributes in the inode");
        if ((inode.Parts & InodeParts.AttributeExtents) != 0) parts.Add("attribute extents");
        if ((inode.Parts & InodeParts.AttributeRoot) != 0) parts.Add("attribute btree root");
        const InodeParts owner = InodeParts.DataOwner | InodeParts.AttributeOwner;
        if ((inode.Parts & owner) != 0) parts.Add("owner of its block map");
        return plain with
        {
            Text = string.Join(", ", parts),
            Inode = inode.Inode.Value,
            Offset = (long)(inode.Block * DiskAddress.Size) + inode.BufferOffset,
            Length = geometry.InodeSize,
        };
    }

    private static ExplainedItem OfCreate(ExplainedItem plain, LogItem item, Geometry geometry)
    {
        if (!InodeCreateItem.TryOpen(item, geometry, out InodeCreateItem create).IsNone)
        {
            return plain with { Text = "damaged" };
        }

        return plain with
        {
            Text = $"{create.Count} new inodes",
            Offset = geometry.ByteOf(create.Group, create.Block),
            Length = (long)create.Length << geometry.BlockLog,
        };
    }

    private static ExplainedItem OfDquot(ExplainedItem plain, LogItem item) =>
        DquotItem.TryOpen(item, out DquotItem dquot).IsNone
            ? plain with { Text = $"quota of id {dquot.Id}", Offset = dquot.Offset, Length = Dquot.Size }
            : plain with { Text = "damaged" };

    private static ExplainedItem OfIntent(ExplainedItem plain, LogItem item)
    {
        if (!IntentItem.TryReadDone(item, out ulong id).IsNone) return plain with { Text = "damaged" };
        if (!LoggedIntents.Is(item.Type)) return plain with { Text = "done", IntentId = id };
        LoggedIntents.TryRead(item, default, out LoggedIntent? intent);
        return intent is null
            ? plain with { Text = "damaged" }
            : plain with { Text = IntentWords.Of(intent), IntentId = intent.Id };
    }
}
