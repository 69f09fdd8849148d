// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>The words for file types in reports.</summary>
public static class FileTypeWords
{
    private const int TypeMask = 0xF000;

    /// <param name="mode">The type bits of st_mode, as in inode(7); others do not matter.</param>
    public static string Of(int mode) => (mode & TypeMask) switch
    {
        0x1000 => "fifo",
        0x2000 => "character device",
        0x4000 => "directory",
        0x6000 => "block device",
        0x8000 => "file",
        0xA000 => "symlink",
        0xC000 => "socket",
        _ => "unknown",
    };

    /// <param name="type">As getdents(2) has it (DT_*): the type bits, 12 down; 0 where it does not say.</param>
    public static string? OfEntry(byte type) => type == 0 ? null : Of(type << 12);
}
