// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Layouts;
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Output;

/// <summary>
/// One pass over a report's impacts: what is lost file by file, what is metadata, what is harmless. All in bytes;
/// content that several files share counts for each of them.
/// </summary>
internal sealed class ReportTotals
{
    private readonly Dictionary<ulong, FileDamage> _files = [];
    private readonly List<Impact> _metadata = [];

    private ReportTotals()
    {
    }

    /// <summary>Files that lost content, the worst first; of equals the first path.</summary>
    public IReadOnlyList<FileDamage> Files { get; private set; } = [];

    /// <summary>Impacts on structures of the filesystem, in the report's order.</summary>
    public IReadOnlyList<Impact> Metadata => _metadata;

    public long BytesLost { get; private set; }

    public long FreeBytes { get; private set; }

    public long OutsideBytes { get; private set; }

    public long UnwrittenBytes { get; private set; }

    public long BeyondEofBytes { get; private set; }

    /// <summary>Nothing that could be read owns these: harmless only where everything could be read.</summary>
    public long UnknownBytes { get; private set; }

    /// <summary>Harmless for a reason of their own: blocks staged for copy-on-write, for one.</summary>
    public long OtherHarmlessBytes { get; private set; }

    public bool HitsFileData { get; private set; }

    public bool HitsMetadata => _metadata.Count > 0;

    public static ReportTotals Of(IReadOnlyList<Impact> impacts, IReadOnlyList<DiskArea>? outside = null)
    {
        var totals = new ReportTotals();
        foreach (DiskArea area in outside ?? []) totals.OutsideBytes += area.Range.Length;
        foreach (Impact impact in impacts) totals.Add(impact);
        FileDamage[] files = [.. totals._files.Values];
        Array.Sort(files, WorstFirst);
        totals.Files = files;
        foreach (FileDamage file in files) totals.BytesLost += file.BytesLost;
        return totals;
    }

    private void Add(Impact impact)
    {
        if (impact.Severity == Severity.Harmless) AddHarmless(impact);
        if (impact.Severity == Severity.Metadata) _metadata.Add(impact);
        HitsFileData |= impact.Severity == Severity.FileData;
        if (impact.Inode is { } inode && (impact.Severity == Severity.FileData || impact.LostMappings.Count > 0))
        {
            File(inode).Add(impact);
        }

        foreach (LostInode lost in impact.LostInodes) File(lost.Inode).Add(lost);
    }

    private void AddHarmless(Impact impact)
    {
        if (impact.Owner == OwnerKind.Free) FreeBytes += impact.Length;
        else if (impact.Owner == OwnerKind.Unknown) UnknownBytes += impact.Length;
        else if (impact.Owner == OwnerKind.Outside) OutsideBytes += impact.Length;
        else if (impact.Unwritten) UnwrittenBytes += impact.Length;
        else if (impact.BeyondEof) BeyondEofBytes += impact.Length;
        else OtherHarmlessBytes += impact.Length;
    }

    private FileDamage File(ulong inode)
    {
        if (!_files.TryGetValue(inode, out FileDamage? file)) _files.Add(inode, file = new(inode));
        return file;
    }

    private static int WorstFirst(FileDamage left, FileDamage right)
    {
        int byBytes = right.BytesLost.CompareTo(left.BytesLost);
        if (byBytes != 0) return byBytes;
        if (left.Paths.Count == 0 || right.Paths.Count == 0)
        {
            int named = right.Paths.Count.CompareTo(left.Paths.Count);
            return named != 0 ? named : left.Inode.CompareTo(right.Inode);
        }

        return left.Paths[0].CompareTo(right.Paths[0]);
    }
}
