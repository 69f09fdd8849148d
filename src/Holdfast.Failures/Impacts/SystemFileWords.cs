// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Impacts;

/// <summary>What a hit on a file of the filesystem itself means; of quota files, whose records are hit.</summary>
public static class SystemFileWords
{
    // struct xfs_dqblk of xfs_format.h; a block has as many as fit, by consecutive ids.
    private const int QuotaRecordSize = 136;

    /// <param name="impact">With its byte offset in the file.</param>
    /// <param name="word">What the file is for: "user quota", "realtime bitmap"…</param>
    /// <param name="blockSize">Bytes.</param>
    public static Impact Explain(Impact impact, string word, int blockSize)
    {
        bool isQuota = word.EndsWith("quota", StringComparison.Ordinal);
        return impact with
        {
            Structure = isQuota ? $"{word}{QuotaIds(impact, blockSize)}" : word,
            Severity = impact.Unwritten ? Severity.Harmless : Severity.Metadata,
            Cost = isQuota ? Costs.Quota : Costs.MetadataFile,
        };
    }

    /// <summary>The ids whose records lie in the blocks that are hit.</summary>
    private static string QuotaIds(Impact impact, int blockSize)
    {
        long count = blockSize / QuotaRecordSize;
        long offset = impact.FileOffset!.Value;
        long first = offset / blockSize * count;
        long last = (((offset + impact.Length - 1) / blockSize) * count) + count - 1;
        return first > uint.MaxValue ? "" : $", ids {first} to {Math.Min(last, uint.MaxValue)}";
    }
}
