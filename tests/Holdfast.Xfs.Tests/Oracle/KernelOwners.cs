// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Testing.Kernel;
using Holdfast.Xfs.Impacts;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>
/// Who owns each block of an image, by the kernel's own rows: one line for each owner, in a form that an
/// <see cref="Impact"/> has too.
/// </summary>
internal sealed class KernelOwners
{
    private readonly int _blockSize;
    private readonly List<FsmapRow>[] _rows;

    private readonly Func<Impact, bool> _isAnswered;

    /// <param name="rows">The kernel's rows; those of other devices than data are left out.</param>
    /// <param name="isAnswered">Which impacts the rows answer for; null for all.</param>
    public KernelOwners(
        IEnumerable<FsmapRow> rows, int blockSize, long blocks, Func<Impact, bool>? isAnswered = null)
    {
        _isAnswered = isAnswered ?? (_ => true);
        _blockSize = blockSize;
        _rows = new List<FsmapRow>[blocks];
        for (long block = 0; block < blocks; block++) _rows[block] = [];
        foreach (FsmapRow row in rows.Where(row => row.Device == DeviceRole.Data))
        {
            for (long block = row.Physical / blockSize; block < row.End / blockSize; block++) _rows[block].Add(row);
        }
    }

    public IReadOnlyList<FsmapRow> RowsOf(long block) => _rows[block];

    /// <summary>What has to be said of a block, sorted.</summary>
    public IEnumerable<string> Wanted(long block)
    {
        List<FsmapRow> rows = _rows[block];
        // Per block, not per row: a row is shared as soon as any of its blocks is.
        bool shared = rows.Count(IsContent) > 1;
        return rows.Select(row => Line(row, block, shared && IsContent(row))).Order(StringComparer.Ordinal);
    }

    /// <summary>What was said of a block. Impacts of one owner that lie side by side are one.</summary>
    public IEnumerable<string> Found(long block, LocateAnswer answer)
    {
        var bytes = new ByteRange(block * _blockSize, _blockSize);
        return answer.Impacts
            .Where(_isAnswered)
            .GroupBy(impact => impact.Owner == OwnerKind.Inode && !impact.BlockMap
                ? (object)(impact.Inode, impact.Fork, impact.FileOffset - impact.Physical)
                : (impact.Owner, impact.Inode, impact.Fork))
            .Select(group => Line(group.First(), group.Sum(impact => impact.Length), bytes))
            .Order(StringComparer.Ordinal);
    }

    private static bool IsContent(FsmapRow row) => row is { IsInode: true, BlockMap: false, Fork: ForkKind.Data };

    private string Line(FsmapRow row, long block, bool shared)
    {
        if (!row.IsInode) return $"{row.Owner} {_blockSize} bytes";
        if (row.BlockMap) return $"Inode {row.Inode} {row.Fork} block map {_blockSize} bytes";
        return $"Inode {row.Inode} {row.Fork} {_blockSize} bytes at {row.Offset + (block * _blockSize) - row.Physical}"
            + Flags(shared, row.Unwritten);
    }

    private static string Line(Impact impact, long length, ByteRange block)
    {
        if (impact.Owner != OwnerKind.Inode) return $"{impact.Owner} {length} bytes";
        if (impact.BlockMap) return $"Inode {impact.Inode} {impact.Fork} block map {length} bytes";
        long? offset = impact.FileOffset - (impact.Physical - block.Offset);
        return $"Inode {impact.Inode} {impact.Fork} {length} bytes at {offset}"
            + Flags(impact.Shared, impact.Unwritten);
    }

    private static string Flags(bool shared, bool unwritten) =>
        (shared ? " shared" : string.Empty) + (unwritten ? " unwritten" : string.Empty);
}
