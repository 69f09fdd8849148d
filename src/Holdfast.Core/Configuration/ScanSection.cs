// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Core.Configuration;

/// <summary>Reads "scans": which devices are read through, how often, and how gently.</summary>
internal static class ScanSection
{
    private const int ScansMax = 256;
    private const long RateLeast = 64 << 10;
    private const string TimeFormat = "HH:mm";

    internal static IReadOnlyList<ConfiguredScan> Read(NodeReader root, List<ConfigurationFault> faults)
    {
        var scans = new List<ConfiguredScan>();
        var names = new Dictionary<string, int>();
        var devices = new Dictionary<string, int>();
        IReadOnlyList<ConfigurationNode> nodes = root.Array("scans");
        if (nodes.Count > ScansMax)
        {
            root.Fault(nodes[ScansMax], $"there are {nodes.Count} scans; {ScansMax} are the most");
        }

        foreach ((int i, ConfigurationNode node) in nodes.Take(ScansMax).Index())
        {
            var at = new NodeReader(node, $"scans[{i}]", faults);
            string? name = Needed(at, at.Name("name"), "name", $"scans[{i}]", names);
            string? device = Needed(at, DeviceOf(at), "device", $"scans[{i}]", devices);
            var otherwise = new ConfiguredScan(name ?? "", device ?? "");
            long rate = at.Number("max_bytes_per_s", 0, RateLeast, 1L << 40);
            long latency = at.Number("max_latency_ms", 0, 1, 60_000);
            scans.Add(otherwise with
            {
                Every = TimeSpan.FromDays(at.Number("every_days", (long)otherwise.Every.TotalDays, 1, 366)),
                IsAllocated = at.Flag("allocated", otherwise.IsAllocated),
                RateMax = rate == 0 ? null : rate,
                LatencyMax = latency == 0 ? null : TimeSpan.FromMilliseconds(latency),
                Window = WindowOf(at),
            });
            at.End();
        }

        return scans;
    }

    /// <summary>
    /// A name that is given anew (sdb, /dev/sdb) is allowed: it is what a machine with one disk has. What is found
    /// under it is known by its identity from then on.
    /// </summary>
    private static string? DeviceOf(NodeReader at)
    {
        string? text = at.Text("device");
        if (text is null) return null;
        bool isKnown = text[0] == '/' || text.IndexOf(':', StringComparison.Ordinal) > 0;
        if (isKnown && !text.Any(char.IsControl)) return text;
        at.Fault(
            at.At("device")!,
            "a scan's device is an absolute path, or an identity as `holdfast failures` and /v1/devices show it");
        return null;
    }

    /// <summary>What must be there, and no two may have.</summary>
    private static string? Needed(
        NodeReader at, string? value, string key, string place, Dictionary<string, int> taken)
    {
        ConfigurationNode? node = at.At(key);
        if (node is null) return null;
        if (value is null && at.Find(key) is null) at.Fault(node, $"{place} needs a {key}");
        if (value is not null && !taken.TryAdd(value, node.Line))
        {
            at.Fault(node, $"{place}.{key}: {NodeReader.Shown(value)} is taken by line {taken[value]}");
        }

        return value;
    }

    /// <summary>"HH:MM-HH:MM"</summary>
    private static DailyWindow? WindowOf(NodeReader at)
    {
        string? text = at.Text("window");
        if (text is null) return null;
        string[] parts = text.Split('-');
        if (parts.Length == 2 && TryParse(parts[0], out TimeOnly from) && TryParse(parts[1], out TimeOnly to)
            && from != to)
        {
            return new(from, to);
        }

        at.Fault(at.At("window")!, "a scan's window is two times of day, as in \"22:00-06:00\"");
        return null;
    }

    private static bool TryParse(string text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
