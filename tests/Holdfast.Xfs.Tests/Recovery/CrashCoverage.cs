// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>How often the kernel met what makes recovery hard, counted from its own tracepoints.</summary>
internal sealed partial class CrashCoverage
{
    internal const string WrappedLogs = "wrapped logs";
    internal const string BuffersSkipped = "buffers skipped";
    internal const string InodesSkipped = "inodes skipped";
    internal const string BuffersCancelled = "buffers cancelled";
    internal const string InodesUnlinked = "unlinked inodes";
    internal const string DoneWithoutIntent = "done without intent";
    internal const string OpenExtentFree = "crashes with open extent-free intents";
    internal const string OpenReverseMap = "crashes with open rmap intents";
    internal const string OpenRefcount = "crashes with open refcount intents";
    internal const string OpenBlockMap = "crashes with open bmap intents";
    internal const string OpenExchange = "crashes with open exchange intents";
    internal const string OpenAttribute = "crashes with open attribute intents";

    private static readonly (string Name, string Option)[] Intents =
    [
        (OpenExtentFree, "extent_free"), (OpenReverseMap, "rmap"), (OpenRefcount, "refcount"), (OpenBlockMap, "bmap"),
        (OpenExchange, "exchmaps"), (OpenAttribute, "attr"),
    ];

    private readonly SortedDictionary<string, long> _counts = [];

    /// <summary>What the work of a crash generator meets in the long run.</summary>
    internal static IReadOnlyList<string> Wanted { get; } =
    [
        WrappedLogs, BuffersSkipped, InodesSkipped, BuffersCancelled, InodesUnlinked, DoneWithoutIntent, OpenExtentFree,
        OpenReverseMap, OpenRefcount, OpenBlockMap,
    ];

    internal long this[string name] => _counts.GetValueOrDefault(name);

    /// <summary>Takes the lines of one mount.</summary>
    internal void Add(IReadOnlyList<string> lines)
    {
        string? log = lines.FirstOrDefault(line => line.StartsWith("log_recover ", StringComparison.Ordinal));
        Match ends = Ends().Match(log ?? "");
        bool wrapped = ends.Success && Convert.ToInt64(ends.Groups["head"].Value, 16)
            < Convert.ToInt64(ends.Groups["tail"].Value, 16);
        Count("crashes", 1);
        Count(WrappedLogs, wrapped ? 1 : 0);
        Count(BuffersSkipped, lines.Count(line => line.StartsWith("log_recover_buf_skip", StringComparison.Ordinal)));
        Count(InodesSkipped, lines.Count(line => line.StartsWith("log_recover_inode_skip", StringComparison.Ordinal)));
        Count(
            BuffersCancelled,
            lines.Count(line => line.StartsWith("log_recover_buf_cancel ", StringComparison.Ordinal)));
        Count("items", lines.Count(line => line.StartsWith("log_recover_item_recover", StringComparison.Ordinal)
            && line.Contains("pass 1", StringComparison.Ordinal)));
        Count(
            InodesUnlinked,
            lines.Count(line => line.StartsWith("inode_set_need_inactive", StringComparison.Ordinal)));
        foreach ((string name, string option) in Intents) Count(name, OpenIntents(lines, option) > 0 ? 1 : 0);
    }

    internal void Count(string name, long count) => _counts[name] = this[name] + count;

    public override string ToString() => string.Join(", ", _counts.Select(pair => $"{pair.Value} {pair.Key}"));

    /// <summary>
    /// Every batch that the mount itself finishes was either created by it, or logged by the filesystem that stopped.
    /// What unlinked inodes need is finished by workers, whose lines the trace leaves out. An intent that takes many
    /// steps counts more than once.
    /// </summary>
    private static long OpenIntents(IReadOnlyList<string> lines, string option)
    {
        long open = 0;
        foreach (string line in lines)
        {
            if (!line.Contains($"optype {option} ", StringComparison.Ordinal)) continue;
            if (line.StartsWith("defer_pending_finish", StringComparison.Ordinal)) open++;
            else if (Created().IsMatch(line)) open--;
        }

        return open;
    }

    [GeneratedRegex("headblk 0x(?<head>[0-9a-f]+) tailblk 0x(?<tail>[0-9a-f]+)")]
    private static partial Regex Ends();

    /// <summary>A batch that is new: it has no intent yet.</summary>
    [GeneratedRegex("^defer_create_intent .* intent 0+ ")]
    private static partial Regex Created();
}
