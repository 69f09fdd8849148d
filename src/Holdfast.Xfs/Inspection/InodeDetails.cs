// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Xfs.OnDisk;

namespace Holdfast.Xfs.Inspection;

/// <summary>One mapping of an inode's fork, in bytes of the fork and of the device.</summary>
public readonly record struct InodeExtent(ForkKind Fork, long Offset, long Physical, long Length, bool Unwritten);

/// <summary>One extended attribute: its name without the namespace, and how long its value is in bytes.</summary>
public sealed record InodeAttribute(string Namespace, PathName Name, int ValueLength);

/// <summary>All that an inode says of itself, copied out of the device.</summary>
public sealed record InodeDetails
{
    public required ulong Number { get; init; }

    /// <summary>Byte offset of the inode itself on the data device.</summary>
    public required long Physical { get; init; }

    public required FileType Type { get; init; }

    /// <summary>Nobody uses it; nothing else here means anything.</summary>
    public bool IsFree { get; init; }

    /// <summary>Permission bits.</summary>
    public int Permissions { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>Filesystem blocks of both forks, block maps included.</summary>
    public ulong Blocks { get; init; }

    public uint Links { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    public uint Generation { get; init; }

    public DateTimeOffset? Modified { get; init; }

    /// <summary>The data fork maps the realtime device: its extents are not among <see cref="Extents"/>.</summary>
    public bool IsRealtime { get; init; }

    public bool IsReflinked { get; init; }

    public bool IsMetadata { get; init; }

    public ForkFormat DataFormat { get; init; }

    /// <summary>Null where there is no attribute fork.</summary>
    public ForkFormat? AttributeFormat { get; init; }

    /// <summary>The data fork's in file order, then the attribute fork's.</summary>
    public IReadOnlyList<InodeExtent> Extents { get; init; } = [];

    public IReadOnlyList<InodeAttribute> Attributes { get; init; } = [];

    /// <summary>How many directory entries should name it; null where it is no matter of names.</summary>
    public uint? LinksWanted { get; init; }

    /// <summary>A part of the block map or of the attributes could not be read: see the volume's faults.</summary>
    public bool IsComplete { get; init; } = true;
}
