// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Core.Records;

namespace Holdfast.Core.Delivery;

/// <summary>Whether a notice is what somebody wants to hear of.</summary>
internal static class FilterMatch
{
    private static readonly string[] Severities = ["harmless", "metadata", "file_data"];

    /// <summary>
    /// What is not known is let through, except by a path: who asks about one file is not told of every failure that
    /// nobody could resolve, unless the answer is incomplete and may well be about it (C12).
    /// </summary>
    internal static bool Holds(PartyFilter filter, FeedItem item)
    {
        if (filter.Filesystem is { } uuid
            && !string.Equals(item.Filesystem?.Uuid, uuid, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (filter is { Path: null, Owner: null, Severity: null }) return true;
        if (!item.Notice.IsComplete && item.Subjects.Count == 0) return true;
        return item.Subjects.Any(subject => Holds(filter, subject))
            || (!item.Notice.IsComplete && filter.Path is not null && item.Subjects.All(at => at.Paths.Count == 0));
    }

    internal static bool IsWithin(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder)
    {
        path = path.Trim((byte)'/');
        folder = folder.Trim((byte)'/');
        return folder.IsEmpty
            || (path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == '/'));
    }

    internal static int RankOf(string severity) => Array.IndexOf(Severities, severity);

    private static bool Holds(PartyFilter filter, ImpactSubject subject)
    {
        if (filter.Owner is { } owner && owner != subject.Owner) return false;
        if (filter.Severity is { } least && RankOf(subject.Severity) < RankOf(least)) return false;
        if (filter.Path is not { } wanted) return true;
        return subject.Paths.Any(path => IsWithin(path, wanted.Span));
    }
}
