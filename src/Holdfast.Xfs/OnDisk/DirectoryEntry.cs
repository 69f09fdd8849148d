// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// One entry of a directory, viewed in place: valid as long as the block that it was read from. That the inode number
/// could exist, and that the name is one (<see cref="HasValidName"/>), is for the caller to ask.
/// </summary>
public readonly ref struct DirectoryEntry
{
    internal DirectoryEntry(InodeNumber inode, ReadOnlySpan<byte> name, DirectoryFileType fileType, int offset)
    {
        Inode = inode;
        Name = name;
        FileType = fileType;
        Offset = offset;
    }

    public InodeNumber Inode { get; }

    /// <summary>1 to 255 bytes.</summary>
    public ReadOnlySpan<byte> Name { get; }

    public DirectoryFileType FileType { get; }

    /// <summary>
    /// Byte offset of the entry in its directory block; in a short-form directory the offset that it will have once
    /// the directory becomes a block.
    /// </summary>
    public int Offset { get; }

    /// <summary>The entry for the directory itself. Short-form directories have none.</summary>
    public bool IsDot => Name.Length == 1 && Name[0] == '.';

    /// <summary>The entry for the parent. Short-form directories keep the parent in their header instead.</summary>
    public bool IsDotDot => Name.Length == 2 && Name[0] == '.' && Name[1] == '.';

    public bool HasValidName => DirectoryName.IsValid(Name);
}
