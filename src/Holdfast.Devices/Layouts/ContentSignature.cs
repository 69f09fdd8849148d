// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// Names what is not looked into, by its signature: so that people recognise their volumes in a list.
/// </summary>
internal static class ContentSignature
{
    private const int HeadSize = 512;
    private const int SwapAt = 4096 - 10;
    private const int ExtMagicAt = 1024 + 56;
    private const int BtrfsMagicAt = 65536 + 64;

    /// <summary>
    /// A name such as "ext4", or null. Nothing is verified beyond the signature; nothing rests on it.
    /// </summary>
    internal static string? Find(IBlockSource source)
    {
        Span<byte> head = stackalloc byte[HeadSize];
        if (TryRead(source, 0, head))
        {
            if (head.StartsWith("LUKS\xba\xbe"u8[..4]) && head[4] == 0xBA && head[5] == 0xBE) return "LUKS (encrypted)";
            if (head[3..].StartsWith("NTFS    "u8)) return "NTFS";
            if (head[3..].StartsWith("EXFAT   "u8)) return "exFAT";
            if (head[54..].StartsWith("FAT"u8) || head[82..].StartsWith("FAT32"u8)) return "FAT";
        }

        Span<byte> magic = head[..10];
        if (TryRead(source, SwapAt, magic) && magic.SequenceEqual("SWAPSPACE2"u8)) return "Linux swap";
        if (TryRead(source, BtrfsMagicAt, magic) && magic.StartsWith("_BHRfS_M"u8)) return "btrfs";
        return TryRead(source, ExtMagicAt, magic[..2]) && magic[0] == 0x53 && magic[1] == 0xEF ? "ext2/3/4" : null;
    }

    private static bool TryRead(IBlockSource source, long offset, Span<byte> buffer) =>
        offset <= source.Length - buffer.Length && source.Read(offset, buffer).IsNone;
}
