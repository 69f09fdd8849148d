// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Linux.Producers;

/// <summary>What an XFS has said of its own health, summed up for people.</summary>
internal sealed class HealthRecord(string place)
{
    /// <summary>More damaged things than this are only counted.</summary>
    private const int ThingsMax = 1000;
    private const int NamedMax = 4;

    /// <summary>By bit of shutdown.reasons.</summary>
    private static readonly string[] Reasons =
    [
        "metadata could not be written or read", "the log could not be written", "an administrator said so",
        "damage in memory", "damage on disk", "its device was removed",
    ];

    private readonly SortedDictionary<(HealthDomain Domain, ulong Number), uint> _damaged = [];
    private uint? _shutdown;
    private bool _isCut;

    /// <summary>In words; null while all is well.</summary>
    internal string? Text
    {
        get
        {
            if (_shutdown is { } why) return $"{place}: XFS has shut down: {ReasonsOf(why)}";
            if (_damaged.Count == 0) return null;
            string named = string.Join(", ", _damaged.Take(NamedMax).Select(at => NameOf(at.Key, at.Value)));
            string more = _damaged.Count <= NamedMax ? ""
                : string.Create(CultureInfo.InvariantCulture, $" and {_damaged.Count - NamedMax} more");
            return $"{place}: XFS calls metadata damaged: {named}{more}{(_isCut ? " or so" : "")}";
        }
    }

    internal void Take(in HealthEvent found)
    {
        if (found.Kind == HealthKind.Shutdown) _shutdown = (_shutdown ?? 0) | found.Mask;
        if (found.Kind is not (HealthKind.Sick or HealthKind.Corrupt or HealthKind.Healthy)) return;
        ulong number = found.Domain == HealthDomain.Inode ? found.Inode : found.Group;
        (HealthDomain, ulong) thing = (found.Domain, number);
        uint before = _damaged.GetValueOrDefault(thing);
        uint after = found.Kind == HealthKind.Healthy ? before & ~found.Mask : before | found.Mask;
        if (after == 0) _damaged.Remove(thing);
        else if (before != 0 || _damaged.Count < ThingsMax) _damaged[thing] = after;
        else _isCut = true;
    }

    private static string NameOf((HealthDomain Domain, ulong Number) thing, uint mask)
    {
        string name = thing.Domain switch
        {
            HealthDomain.Group => "group",
            HealthDomain.RealtimeGroup => "realtime group",
            HealthDomain.Inode => "inode",
            _ => "the filesystem's own",
        };
        return thing.Domain is HealthDomain.Group or HealthDomain.RealtimeGroup or HealthDomain.Inode
            ? string.Create(CultureInfo.InvariantCulture, $"{name} {thing.Number} (0x{mask:x})")
            : string.Create(CultureInfo.InvariantCulture, $"{name} (0x{mask:x})");
    }

    private static string ReasonsOf(uint mask)
    {
        string[] known = [.. Reasons.Where((_, bit) => (mask >> bit & 1) != 0)];
        return known.Length == 0 ? "it does not say why" : string.Join(", ", known);
    }
}
