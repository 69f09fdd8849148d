// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>
/// What one contiguous piece of a bad range means to the filesystem. One flat shape for every owner, as in the
/// report's JSON; what does not apply to an owner is null, false or empty. All offsets and lengths are bytes.
/// </summary>
public sealed record Impact
{
    public required OwnerKind Owner { get; init; }

    public DeviceRole Device { get; init; }

    /// <summary>Byte offset on the filesystem's device.</summary>
    public required long Physical { get; init; }

    public required long Length { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>Low where only sources that guess at the extent name these bytes.</summary>
    public Confidence Confidence { get; init; }

    /// <summary>The structure hit, in XFS's words: "superblock", "agf", "bnobt", "directory data", "inode
    /// chunk"…</summary>
    public string? Structure { get; init; }

    /// <summary>What losing it costs, in one sentence.</summary>
    public string? Cost { get; init; }

    public ulong? Inode { get; init; }

    /// <summary>"file", "directory", "symlink"…; null where the inode could not be read.</summary>
    public string? FileType { get; init; }

    public ForkKind? Fork { get; init; }

    /// <summary>Byte offset in the fork; null for block-map blocks and where there is no inode.</summary>
    public long? FileOffset { get; init; }

    /// <summary>Size of the file in bytes; null where the inode could not be read.</summary>
    public long? FileSize { get; init; }

    /// <summary>Another file, or another place of this one, shares these bytes: each has its own impact.</summary>
    public bool Shared { get; init; }

    public bool Unwritten { get; init; }

    public bool BeyondEof { get; init; }

    /// <summary>The bytes hold the fork's block map (bmbt), not its content.</summary>
    public bool BlockMap { get; init; }

    /// <summary>
    /// Log recovery has taken these blocks in memory: a mount may take others in their place. Owner and meaning are
    /// right, the address is a guess.
    /// </summary>
    public bool AllocatedByRecovery { get; init; }

    /// <summary>
    /// Bytes of content that are gone: within the file's size and written. 0 for everything but file content.
    /// </summary>
    public long LostBytes { get; init; }

    /// <summary>Every path (hard link) of the inode that is known, sorted by bytes.</summary>
    public IReadOnlyList<PathName> Paths { get; init; } = [];

    /// <summary>File ranges that lost their mapping, for block-map blocks.</summary>
    public IReadOnlyList<ByteRange> LostMappings { get; init; } = [];

    /// <summary>Entries that cannot be found any more, for directory blocks.</summary>
    public IReadOnlyList<LostEntry> LostEntries { get; init; } = [];

    /// <summary>Inodes that are lost, for inode chunks.</summary>
    public IReadOnlyList<LostInode> LostInodes { get; init; } = [];

    /// <summary>What kinds of attribute the lost block held or may have held: "parent", "acl", "security",
    /// "user"…</summary>
    public IReadOnlyList<string> AttributeKinds { get; init; } = [];

    /// <summary>
    /// Processes that use the bytes or have the file open, by number: on a mounted filesystem, where they were asked
    /// for.
    /// </summary>
    public IReadOnlyList<ProcessUse> Processes { get; init; } = [];

    /// <summary>An impact on what is no inode's.</summary>
    /// <param name="bytes">Of the filesystem's device.</param>
    public static Impact On(
        OwnerKind owner, ByteRange bytes, Severity severity, string cost, string? structure = null) => new()
    {
        Owner = owner, Physical = bytes.Offset, Length = bytes.Length, Severity = severity, Cost = cost,
        Structure = structure,
    };

    /// <summary>The order of a report: by device, place, inode, place in the file.</summary>
    public static int InDeviceOrder(Impact left, Impact right)
    {
        int order = left.Device.CompareTo(right.Device);
        if (order == 0) order = left.Physical.CompareTo(right.Physical);
        if (order == 0) order = Nullable.Compare(left.Inode, right.Inode);
        return order != 0 ? order : Nullable.Compare(left.FileOffset, right.FileOffset);
    }
}
