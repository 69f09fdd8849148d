// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>Names of the partition types that are met beside XFS.</summary>
internal static class MbrTypes
{
    internal static string NameOf(byte type) => type switch
    {
        0x05 or 0x0F or 0x85 => "extended",
        0x07 => "NTFS or exFAT",
        0x0B or 0x0C => "FAT32",
        0x06 or 0x0E => "FAT16",
        0x82 => "Linux swap",
        0x83 => "Linux",
        0x8E => "Linux LVM",
        0xEE => "GPT protective",
        0xEF => "EFI system",
        0xFD => "Linux RAID",
        _ => $"type 0x{type:x2}",
    };
}
