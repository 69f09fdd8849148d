// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Linux.Stack;

/// <summary>An md array as sysfs has it (md.rst): which member is which, and where its data begins.</summary>
/// <param name="Layer">Null where the bytes cannot be followed.</param>
/// <param name="Members">Kernel names of the devices below, in the layer's order; null where one is missing.</param>
/// <param name="Opaque">Why not; null where they can.</param>
/// <param name="Missing">Members that are not there: so much redundancy is gone already.</param>
public sealed record RaidArray(
    StackLayer? Layer, IReadOnlyList<string?> Members, string? Opaque, int Missing)
{
    private const long Sector = 512;
    private const int MembersMax = 4096;

    /// <param name="folder">Of the array in sysfs: /sys/block/md0/md.</param>
    /// <param name="length">Bytes of the array.</param>
    public static RaidArray Read(string folder, long length)
    {
        string level = Text(folder, "level");
        long disks = Number(folder, "raid_disks");
        if (disks is < 1 or > MembersMax) return new(null, [], $"{level} of {disks} members", 0);
        string?[] members = new string?[disks];
        long[] starts = new long[disks];
        long[] sizes = new long[disks];
        foreach (string member in Directory.Exists(folder) ? Directory.GetDirectories(folder, "dev-*") : [])
        {
            // A spare is no part of it.
            long slot = Number(member, "slot");
            if (slot < 0 || slot >= disks || !Text(member, "slot").All(char.IsAsciiDigit)) continue;
            members[slot] = Path.GetFileName(member)["dev-".Length..].Replace('!', '/');
            starts[slot] = Number(member, "offset") * Sector;
            sizes[slot] = Number(member, "size") * 1024;
        }

        int missing = members.Count(member => member is null);
        bool isReshaping = Text(folder, "reshape_position") is not ("" or "none");
        if (isReshaping) return new(null, members, $"{level} that is being reshaped", missing);
        StackLayer? layer = LayerOf(folder, level, (int)disks, starts, sizes, length);
        return new(layer, members, layer is null ? $"{level} in a layout that is not known" : null, missing);
    }

    private static StackLayer? LayerOf(
        string folder, string level, int disks, long[] starts, long[] sizes, long length)
    {
        long chunk = Number(folder, "chunk_size");
        int layout = (int)Number(folder, "layout");
        switch (level)
        {
            case "raid1":
                return new CopiesLayer(level, starts, length, areCopies: true);
            case "linear":
                var segments = new List<LinearSegment>();
                long at = 0;
                for (int i = 0; i < disks; i++)
                {
                    segments.Add(new(at, sizes[i], i, starts[i]));
                    at += sizes[i];
                }

                return new LinearLayer(level, segments);
            // Members of different size have zones with fewer of them.
            case "raid0" when chunk > 0 && sizes.Distinct().Count() == 1:
                return new ChunkedLayer(level, chunk, starts, new StripedLayout(disks), length);
            case "raid4" or "raid5" or "raid6" when chunk > 0
                && ParityLayout.Of(level[^1] - '0', disks, layout) is { } parity:
                return new ChunkedLayer(level, chunk, starts, parity, length);
            case "raid10" when chunk > 0
                && Raid10Layout.Of(disks, layout, Number(folder, "component_size") * 1024 / chunk) is { } copies:
                return new ChunkedLayer(level, chunk, starts, copies, length);
            default:
                return null;
        }
    }

    private static string Text(string folder, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, name)).Trim();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static long Number(string folder, string name) => long.TryParse(
        Text(folder, name).Split(' ')[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
        ? value
        : 0;
}
