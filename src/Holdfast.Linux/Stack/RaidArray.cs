// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Linux.Stack;

/// <summary>An md array as sysfs has it (md.rst): which member is which, and where its data begins.</summary>
/// <param name="Layer">Null where the bytes cannot be followed.</param>
/// <param name="Members">Kernel names of the devices below, in the layer's order; null where one is missing.</param>
/// <param name="Opaque">Why not; null where they can.</param>
/// <param name="Missing">
/// Members that are not there, have failed, or are still being filled: so much redundancy is gone already.
/// </param>
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
        var members = new RaidMember?[disks];
        foreach (string name in Directory.Exists(folder) ? Directory.GetDirectories(folder, "dev-*") : [])
        {
            if (Member(name, disks) is not { } member) continue;
            // While a member is being replaced, both have its place: the old one has all of it.
            if (members[member.Slot] is { } there && (member.IsReplacement || there.IsWhole)) continue;
            members[member.Slot] = member;
        }

        string?[] names = [.. members.Select(member => member?.Name)];
        int missing = members.Count(member => member is not { IsWhole: true });
        RaidArray Opaque(string why) => new(null, names, $"{level} {why}", missing);
        if (Text(folder, "array_state") is "clear" or "inactive") return Opaque("that is not running");
        if (Text(folder, "reshape_position") is not ("" or "none")) return Opaque("that is being reshaped");
        return LayerOf(folder, level, members, length) is { } layer
            ? new(layer, names, null, missing)
            : Opaque("in a layout that is not known");
    }

    /// <returns>Null for a spare, or a journal, which are no part of it.</returns>
    private static RaidMember? Member(string folder, long disks)
    {
        long slot = Number(folder, "slot");
        if (slot < 0 || slot >= disks || !Text(folder, "slot").All(char.IsAsciiDigit)) return null;
        string[] state = Text(folder, "state").Split(',');
        return new(
            (int)slot, Path.GetFileName(folder)["dev-".Length..].Replace('!', '/'), Number(folder, "offset") * Sector,
            Number(folder, "size") * 1024, state.Contains("replacement"),
            state is [""] || (state.Contains("in_sync") && !state.Contains("faulty")));
    }

    /// <param name="Start">Byte at which its data begins.</param>
    /// <param name="Size">Bytes of data.</param>
    /// <param name="IsReplacement">It is being filled to take another's place.</param>
    /// <param name="IsWhole">It has all of its data.</param>
    private sealed record RaidMember(
        int Slot, string Name, long Start, long Size, bool IsReplacement, bool IsWhole);

    private static StackLayer? LayerOf(string folder, string level, RaidMember?[] members, long length)
    {
        long chunk = Number(folder, "chunk_size");
        int layout = (int)Number(folder, "layout");
        long[] starts = [.. members.Select(member => member?.Start ?? 0)];
        // Without all of its members these do not run, and where each begins depends on those before it.
        bool isWhole = members.All(member => member is not null);
        switch (level)
        {
            case "raid1":
                return new CopiesLayer(level, starts, length, areCopies: true);
            case "linear" when isWhole:
                return Behind(level, members, length);
            case "raid0" when isWhole && chunk > 0 && chunk % Sector == 0
                && ZonedStripeLayout.Of([.. members.Select(member => member!.Size / chunk)], layout) is { } zones:
                return new ChunkedLayer(level, chunk, starts, zones, length);
            case "raid4" or "raid5" or "raid6" when chunk > 0
                && ParityLayout.Of(level[^1] - '0', members.Length, layout) is { } parity:
                return new ChunkedLayer(level, chunk, starts, parity, length);
            case "raid10" when chunk > 0
                && Raid10Layout.Of(members.Length, layout, Number(folder, "component_size") * 1024 / chunk)
                    is { } copies:
                return new ChunkedLayer(level, chunk, starts, copies, length);
            default:
                return null;
        }
    }

    private static LinearLayer Behind(string level, RaidMember?[] members, long length)
    {
        var segments = new List<LinearSegment>();
        long at = 0;
        foreach (RaidMember member in members.OfType<RaidMember>())
        {
            long size = Math.Min(member.Size, length - at);
            if (size <= 0) break;
            segments.Add(new(at, size, member.Slot, member.Start));
            at += size;
        }

        return new(level, segments);
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
        && value < 1L << 53
        ? value
        : 0;
}
