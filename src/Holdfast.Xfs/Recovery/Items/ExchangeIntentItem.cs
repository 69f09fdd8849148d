// SPDX-License-Identifier: Apache-2.0
using Holdfast.Xfs.Log;
using Holdfast.Xfs.OnDisk;
using Holdfast.Xfs.Recovery.Transactions;

namespace Holdfast.Xfs.Recovery.Items;

/// <summary>
/// Two files that exchange mappings. Source of the format: xfs_log_format.h (struct xfs_xmi_log_format), in host byte
/// order.
/// </summary>
internal static class ExchangeIntentItem
{
    private const int PaddingAt = 2 * sizeof(ushort);
    private const int IdAt = PaddingAt + sizeof(uint);
    private const int Inode1At = IdAt + sizeof(ulong);
    private const int Inode2At = Inode1At + sizeof(ulong);
    private const int Generation1At = Inode2At + sizeof(ulong);
    private const int Generation2At = Generation1At + sizeof(uint);
    private const int StartOffset1At = Generation2At + sizeof(uint);
    private const int StartOffset2At = StartOffset1At + sizeof(ulong);
    private const int BlockCountAt = StartOffset2At + sizeof(ulong);
    private const int FlagsAt = BlockCountAt + sizeof(ulong);
    private const int Size1At = FlagsAt + sizeof(ulong);
    private const int Size2At = Size1At + sizeof(ulong);
    private const int FormatSize = Size2At + sizeof(ulong);

    public static BlockFault TryRead(LogItem item, LogSequenceNumber lsn, out LoggedIntent? intent)
    {
        intent = null;
        ReadOnlySpan<byte> bytes = item.Region(0);
        if (bytes.Length != FormatSize) return BlockFault.Wrong("xmi length", FormatSize, (ulong)bytes.Length);
        uint padding = bytes.Host32(PaddingAt);
        if (padding != 0) return BlockFault.WrongHex("xmi pad", 0, padding);
        intent = new ExchangeIntent(
            bytes.Host64(IdAt), lsn, bytes.Host64(Inode1At), bytes.Host64(Inode2At), bytes.Host32(Generation1At),
            bytes.Host32(Generation2At), bytes.Host64(StartOffset1At), bytes.Host64(StartOffset2At),
            bytes.Host64(BlockCountAt), bytes.Host64(FlagsAt), (long)bytes.Host64(Size1At),
            (long)bytes.Host64(Size2At));
        return BlockFault.None;
    }
}
