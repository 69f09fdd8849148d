// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Content;

/// <summary>One name in a directory, with what its inode says.</summary>
public sealed record FileEntry
{
    /// <summary>One component; the root, or an inode asked for by number, has an empty one.</summary>
    public required PathName Name { get; init; }

    public required InodeNumber Inode { get; init; }

    /// <summary>False where the inode cannot be believed: all below is then empty.</summary>
    public bool IsReadable { get; init; }

    public ushort Mode { get; init; }

    public FileType Type { get; init; }

    public uint Links { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>Last change of the content.</summary>
    public DateTimeOffset Modified { get; init; }

    /// <summary>The content lies on the realtime device.</summary>
    public bool IsRealtime { get; init; }

    /// <summary>What a symlink points at; null for all else, and where it cannot be had.</summary>
    public PathName? Target { get; init; }
}
