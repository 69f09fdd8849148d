// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Recovery.Transactions;

/// <summary>What a logged item describes. Source of the numbers: xfs_log_format.h (XFS_LI_*).</summary>
internal enum LogItemType : ushort
{
    ExtentFree = 0x1236,
    ExtentFreeDone = 0x1237,
    InodeUnlink = 0x1238,
    Inode = 0x123b,
    Buffer = 0x123c,
    Dquot = 0x123d,
    QuotaOff = 0x123e,
    InodeCreate = 0x123f,
    ReverseMap = 0x1240,
    ReverseMapDone = 0x1241,
    Refcount = 0x1242,
    RefcountDone = 0x1243,
    BlockMap = 0x1244,
    BlockMapDone = 0x1245,
    Attribute = 0x1246,
    AttributeDone = 0x1247,
    Exchange = 0x1248,
    ExchangeDone = 0x1249,
    RealtimeExtentFree = 0x124a,
    RealtimeExtentFreeDone = 0x124b,
    RealtimeReverseMap = 0x124c,
    RealtimeReverseMapDone = 0x124d,
    RealtimeRefcount = 0x124e,
    RealtimeRefcountDone = 0x124f,
}
