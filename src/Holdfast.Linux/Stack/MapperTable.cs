// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Stack;

/// <summary>
/// The table of a mapped device, as `dmsetup table` prints it: "START LENGTH TARGET PARAMETERS…", in sectors of 512
/// bytes. Sources: the documents of device-mapper's targets in the kernel.
/// </summary>
/// <param name="Layer">Null where the bytes cannot be followed.</param>
/// <param name="Members">Numbers of the devices below, in the layer's order.</param>
/// <param name="Opaque">The target that cannot be followed; null where all can.</param>
public sealed record MapperTable(StackLayer? Layer, IReadOnlyList<DeviceNumber> Members, string? Opaque)
{
    private const long Sector = 512;

    public static MapperTable Parse(string text)
    {
        var members = new List<DeviceNumber>();
        var segments = new List<LinearSegment>();
        string kind = "";
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 3 || !Number(words[0], out long start)) return Unclear(line);
            if (!Number(words[1], out long length)) return Unclear(line);
            kind = words[2];
            string[] rest = words[3..];
            switch (kind)
            {
                case "linear" when rest.Length >= 2:
                    if (!Place(members, rest[0], rest[1], out int member, out long offset)) return Unclear(line);
                    segments.Add(new(start * Sector, length * Sector, member, offset));
                    break;
                // CIPHER KEY IV_OFFSET DEVICE OFFSET
                case "crypt" when rest.Length >= 5:
                    if (!Place(members, rest[3], rest[4], out member, out offset)) return Unclear(line);
                    segments.Add(new(start * Sector, length * Sector, member, offset));
                    break;
                case "striped" when lines.Length == 1: return Striped(rest, length) ?? Unclear(line);
                case "mirror" when lines.Length == 1: return Mirror(rest, length) ?? Unclear(line);
                case "multipath" when lines.Length == 1: return Multipath(rest, length);
                default: return new(null, Devices(rest), kind);
            }
        }

        return segments.Count == 0 ? Unclear(text) : new(new LinearLayer(kind, segments), members, null);
    }

    private static MapperTable Unclear(string line) => new(null, [], $"a table that is not understood: {line}");

    /// <summary>STRIPES CHUNK (DEVICE OFFSET)…</summary>
    private static MapperTable? Striped(string[] words, long length)
    {
        if (words.Length < 2 || !Number(words[0], out long stripes) || !Number(words[1], out long chunk)) return null;
        if (stripes is < 1 or > 4096 || chunk < 1 || words.Length < 2 + (2 * stripes)) return null;
        var members = new List<DeviceNumber>();
        var starts = new List<long>();
        for (int i = 0; i < stripes; i++)
        {
            if (!DeviceNumber.TryParse(words[2 + (2 * i)], out DeviceNumber device)) return null;
            if (!Number(words[3 + (2 * i)], out long start)) return null;
            members.Add(device);
            starts.Add(start * Sector);
        }

        var layer = new ChunkedLayer(
            "striped", chunk * Sector, starts, new StripedLayout((int)stripes), length * Sector);
        return new(layer, members, null);
    }

    /// <summary>LOG_TYPE COUNT ARGUMENTS… MIRRORS (DEVICE OFFSET)…</summary>
    private static MapperTable? Mirror(string[] words, long length)
    {
        if (words.Length < 3 || !Number(words[1], out long arguments)) return null;
        long at = 2 + arguments;
        if (at < 2 || at >= words.Length || !Number(words[at], out long mirrors)) return null;
        if (mirrors is < 1 or > 64 || words.Length < at + 1 + (2 * mirrors)) return null;
        var members = new List<DeviceNumber>();
        var starts = new List<long>();
        for (int i = 0; i < mirrors; i++)
        {
            if (!DeviceNumber.TryParse(words[at + 1 + (2 * i)], out DeviceNumber device)) return null;
            if (!Number(words[at + 2 + (2 * i)], out long start)) return null;
            members.Add(device);
            starts.Add(start * Sector);
        }

        return new(new CopiesLayer("mirror", starts, length * Sector, areCopies: true), members, null);
    }

    /// <summary>Whatever its paths, each leads to the same bytes of one disk.</summary>
    private static MapperTable Multipath(string[] words, long length)
    {
        List<DeviceNumber> members = Devices(words);
        long[] starts = new long[members.Count];
        return new(new CopiesLayer("multipath", starts, length * Sector, areCopies: false), members, null);
    }

    private static List<DeviceNumber> Devices(string[] words)
    {
        var found = new List<DeviceNumber>();
        foreach (string word in words)
        {
            if (DeviceNumber.TryParse(word, out DeviceNumber device) && !found.Contains(device)) found.Add(device);
        }

        return found;
    }

    private static bool Place(
        List<DeviceNumber> members, string device, string start, out int member, out long offset)
    {
        member = -1;
        offset = 0;
        if (!DeviceNumber.TryParse(device, out DeviceNumber number) || !Number(start, out offset)) return false;
        offset *= Sector;
        member = members.IndexOf(number);
        if (member >= 0) return true;
        member = members.Count;
        members.Add(number);
        return true;
    }

    /// <summary>Of sectors: small enough that bytes are a number, too.</summary>
    private static bool Number(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value < 1L << 53;
}
