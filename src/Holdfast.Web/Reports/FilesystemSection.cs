// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Web.Maps;

namespace Holdfast.Web.Reports;

/// <summary>What bad ranges broke in one filesystem, ready to be laid out.</summary>
public sealed record FilesystemSection
{
    /// <summary>The target as it was typed, or the image within it.</summary>
    public required string Target { get; init; }

    /// <summary>"partition 2, XFS "archive", 320.0 MiB".</summary>
    public required string Subject { get; init; }

    /// <summary>What matters first: how many files, how much metadata, whether the answer is complete.</summary>
    public required IReadOnlyList<Saying> Verdict { get; init; }

    /// <summary>Bytes of the data device.</summary>
    public required long Length { get; init; }

    /// <summary>Bad bytes of the data device.</summary>
    public required IReadOnlyList<MapPiece> Pieces { get; init; }

    /// <summary>Whose the bad bytes of a place on the data device are, in words.</summary>
    public Func<ByteRange, string>? OwnersOf { get; init; }

    /// <summary>The worst files, with all that is known of each.</summary>
    public FindingGroup? Worst { get; init; }

    /// <summary>All damaged files that a path leads to, in any order.</summary>
    public IReadOnlyList<DamagedFile> Files { get; init; } = [];

    /// <summary>Everything else, in the order in which it matters.</summary>
    public IReadOnlyList<FindingGroup> Groups { get; init; } = [];
}
