// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Output;

/// <summary>All that a report's impacts say about one file whose content is hit.</summary>
internal sealed class FileDamage(ulong inode)
{
    private readonly List<ByteRange> _content = [];
    private readonly List<ByteRange> _unmapped = [];
    private ByteRangeSet? _lost;
    private long _unreachable;

    public ulong Inode => inode;

    public string? FileType { get; private set; }

    public long? FileSize { get; private set; }

    public IReadOnlyList<PathName> Paths { get; private set; } = [];

    /// <summary>The inode itself is gone, and with it the way to all of the file's content.</summary>
    public bool InodeLost { get; private set; }

    /// <summary>Part of its block map is gone: the content is on the device, but nothing says where.</summary>
    public bool MappingLost => _unmapped.Count > 0;

    public bool Shared { get; private set; }

    /// <summary>Only sources that guess at the extent name this file.</summary>
    public bool IsDoubtful { get; private set; } = true;

    /// <summary>Bytes of the file that cannot be had any more: in bad ranges, or without a mapping.</summary>
    public ByteRangeSet Lost => _lost ??= ByteRangeSet.From(_content.Concat(_unmapped));

    public long BytesLost => InodeLost ? Math.Max(_unreachable, Lost.TotalLength) : Lost.TotalLength;

    /// <summary>0 to 1; null where the size is not known. A file without content has nothing to lose.</summary>
    public double? Share => InodeLost ? 1 : FileSize is > 0 ? Math.Min(1, (double)BytesLost / FileSize.Value) : null;

    public void Add(Impact impact)
    {
        Describe(impact);
        Shared |= impact.Shared;
        IsDoubtful &= impact.Confidence == Confidence.Low;
        foreach (ByteRange range in impact.LostMappings) Add(_unmapped, range);
        if (impact is { Severity: Severity.FileData, BlockMap: false, FileOffset: { } offset })
        {
            Add(_content, new(offset, impact.Length));
        }
    }

    public void Add(LostInode lost)
    {
        InodeLost = true;
        IsDoubtful = false;
        if (Paths.Count == 0) Paths = lost.Paths;
        foreach (ByteRange range in lost.UnreachableRanges) _unreachable += range.Length;
    }

    private void Describe(Impact impact)
    {
        FileType ??= impact.FileType;
        FileSize ??= impact.FileSize;
        if (Paths.Count == 0) Paths = impact.Paths;
    }

    /// <summary>The last block of a file reaches past its end; nobody wrote anything there.</summary>
    private void Add(List<ByteRange> ranges, ByteRange range)
    {
        if (FileSize is { } size) range = range.Intersect(new(0, size));
        if (!range.IsEmpty) ranges.Add(range);
        _lost = null;
    }
}
