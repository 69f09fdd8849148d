// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Linux.Processes;

/// <summary>
/// What a process belongs to, by its control groups (/proc/PID/cgroup, cgroups(7)): "ID:CONTROLLERS:PATH" a line. Of
/// systemd's group, or the unified one, the last unit of the path; a container by the id that its group is named after.
/// </summary>
internal readonly record struct ControlGroup(string? Unit, string? Container)
{
    private const int ContainerIdLength = 64;
    private static readonly string[] UnitSuffixes = [".service", ".scope", ".socket", ".mount", ".swap"];

    internal static ControlGroup Parse(ReadOnlySpan<byte> text)
    {
        string? unit = null;
        string? container = null;
        foreach (string line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            string[] fields = line.Split(':', 3);
            if (fields.Length < 3) continue;
            string[] path = fields[2].Split('/', StringSplitOptions.RemoveEmptyEntries);
            container ??= path.Select(ContainerOf).LastOrDefault(id => id is not null);
            bool isSystemd = fields[1] is "" or "name=systemd";
            if (isSystemd) unit ??= path.LastOrDefault(name => UnitSuffixes.Any(name.EndsWith));
        }

        return new(unit, container);
    }

    /// <summary>"docker-ID.scope", "cri-containerd-ID.scope", "libpod-ID", or the id alone.</summary>
    private static string? ContainerOf(string name)
    {
        string stem = name.EndsWith(".scope", StringComparison.Ordinal) ? name[..^".scope".Length] : name;
        string id = stem[(stem.LastIndexOf('-') + 1)..];
        return id.Length == ContainerIdLength && id.All(char.IsAsciiHexDigitLower) ? id : null;
    }
}
