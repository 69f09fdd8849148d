// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>The btrees of XFS.</summary>
public enum BtreeName
{
    Bnobt,
    Cntbt,
    Inobt,
    Finobt,
    Rmapbt,
    Refcountbt,
    Bmbt,
    Rtrmapbt,
    Rtrefcountbt,
}

/// <summary>
/// What sets one btree apart from another: magic numbers and the sizes of record, key and pointer in bytes. Every
/// btree block is a header, then records (level 0), or keys for as many children as fit and then their pointers.
/// </summary>
public sealed class BtreeFormat
{
    private BtreeFormat(BtreeName name, uint magicV4, uint magicV5, int recordSize, int keySize, bool hasHighKeys)
    {
        Name = name;
        MagicV4 = magicV4;
        MagicV5 = magicV5;
        RecordSize = recordSize;
        KeySize = keySize;
        KeyStride = hasHighKeys ? keySize * 2 : keySize;
    }

    public static BtreeFormat Bnobt { get; } =
        new(BtreeName.Bnobt, Magic.BnobtV4, Magic.BnobtV5, 2 * sizeof(uint), 2 * sizeof(uint), false);

    public static BtreeFormat Cntbt { get; } =
        new(BtreeName.Cntbt, Magic.CntbtV4, Magic.CntbtV5, 2 * sizeof(uint), 2 * sizeof(uint), false);

    public static BtreeFormat Inobt { get; } =
        new(BtreeName.Inobt, Magic.InobtV4, Magic.InobtV5, InodeChunkRecord.Size, sizeof(uint), false);

    public static BtreeFormat Finobt { get; } =
        new(BtreeName.Finobt, Magic.FinobtV4, Magic.FinobtV5, InodeChunkRecord.Size, sizeof(uint), false);

    public static BtreeFormat Rmapbt { get; } =
        new(BtreeName.Rmapbt, 0, Magic.Rmapbt, RmapRecord.Size, RmapRecord.KeySize, true);

    public static BtreeFormat Refcountbt { get; } =
        new(BtreeName.Refcountbt, 0, Magic.Refcountbt, RefcountRecord.Size, sizeof(uint), false);

    public static BtreeFormat Bmbt { get; } =
        new(BtreeName.Bmbt, Magic.BmbtV4, Magic.BmbtV5, ExtentRecord.Size, sizeof(ulong), false);

    /// <summary>Reverse map of a realtime group: rooted in an inode of the metadata directory, on the data
    /// device.</summary>
    public static BtreeFormat Rtrmapbt { get; } =
        new(BtreeName.Rtrmapbt, 0, Magic.Rtrmapbt, RmapRecord.Size, RmapRecord.KeySize, true);

    /// <summary>Reference counts of a realtime group; rooted like <see cref="Rtrmapbt"/>.</summary>
    public static BtreeFormat Rtrefcountbt { get; } =
        new(BtreeName.Rtrefcountbt, 0, Magic.Rtrefcountbt, RefcountRecord.Size, sizeof(uint), false);

    public BtreeName Name { get; }

    public string Word => Name switch
    {
        BtreeName.Bnobt => "bnobt",
        BtreeName.Cntbt => "cntbt",
        BtreeName.Inobt => "inobt",
        BtreeName.Finobt => "finobt",
        BtreeName.Rmapbt => "rmapbt",
        BtreeName.Refcountbt => "refcountbt",
        BtreeName.Bmbt => "bmbt",
        BtreeName.Rtrmapbt => "rtrmapbt",
        _ => "rtrefcountbt",
    };

    public uint MagicV4 { get; }

    public uint MagicV5 { get; }

    public int RecordSize { get; }

    public int KeySize { get; }

    /// <summary>From one child's key to the next: twice the key where the high key lies beside it.</summary>
    public int KeyStride { get; }

    public bool HasHighKeys => KeyStride != KeySize;

    /// <summary>Pointers are filesystem block numbers (64 bits) where the root is in an inode, group blocks (32 bits)
    /// elsewhere.</summary>
    public bool IsLong => Name is BtreeName.Bmbt or BtreeName.Rtrmapbt or BtreeName.Rtrefcountbt;

    public int PointerSize => IsLong ? sizeof(ulong) : sizeof(uint);
}
