// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using Holdfast.Contract;

namespace Holdfast.Client;

/// <summary>What a notice's impacts mean to files that are named as a filter names them.</summary>
internal sealed class LossReader
{
    private readonly byte[] _wanted;
    private readonly string _wantedName;

    public LossReader(FilterJson filter)
    {
        byte[] path = filter.PathBase64 is { } bytes
            ? Convert.FromBase64String(bytes)
            : Encoding.UTF8.GetBytes(filter.Path ?? "");
        _wanted = path.AsSpan().Trim((byte)'/').ToArray();
        _wantedName = Encoding.UTF8.GetString(_wanted);
    }

    /// <summary>One range may hit several files, and a notice what has nothing to do with any.</summary>
    public IEnumerable<LostBytes> Read(NoticeJson notice)
    {
        // What is settled, or content that was never lost, is no news to those who must act.
        if (notice.Content is not ("lost" or "unknown")) yield break;
        if (notice.Impacts is { ValueKind: JsonValueKind.Array } impacts)
        {
            foreach (JsonElement impact in impacts.EnumerateArray())
            {
                foreach (LostBytes lost in OfFile(impact, notice).Concat(OfInodes(impact, notice))) yield return lost;
            }
        }

        if (!notice.Complete) yield return new(_wantedName, 0, long.MaxValue, LossKind.Possible, notice);
    }

    private IEnumerable<LostBytes> OfFile(JsonElement impact, NoticeJson notice)
    {
        // Attributes have offsets of their own, unwritten space and what lies behind the end have no content.
        if (TextOf(impact, "fork") == "attr" || TextOf(impact, "severity") == "harmless") yield break;
        foreach (string path in Paths(impact))
        {
            foreach (JsonElement lost in Items(impact, "lost_mappings"))
            {
                yield return new(
                    path, NumberOf(lost, "file_offset"), NumberOf(lost, "length"), LossKind.Mapping, notice);
            }

            if (impact.TryGetProperty("file_offset", out JsonElement offset))
            {
                LossKind kind = TextOf(impact, "file_type") == "directory" ? LossKind.Names : LossKind.Content;
                yield return new(path, offset.GetInt64(), NumberOf(impact, "length"), kind, notice);
            }
        }
    }

    private IEnumerable<LostBytes> OfInodes(JsonElement impact, NoticeJson notice) =>
        Items(impact, "lost_inodes").SelectMany(Paths).Select(
            path => new LostBytes(path, 0, long.MaxValue, LossKind.WholeFile, notice));

    /// <summary>Names of an impact that are wanted.</summary>
    private IEnumerable<string> Paths(JsonElement named)
    {
        JsonElement[] names = Items(named, "paths");
        JsonElement[] bytes = Items(named, "paths_base64");
        for (int i = 0; i < names.Length; i++)
        {
            string name = names[i].GetString() ?? "";
            byte[] path = i < bytes.Length ? bytes[i].GetBytesFromBase64() : Encoding.UTF8.GetBytes(name);
            if (IsWanted(path)) yield return name;
        }
    }

    private bool IsWanted(ReadOnlySpan<byte> path)
    {
        path = path.Trim((byte)'/');
        return _wanted.Length == 0
            || (path.StartsWith(_wanted) && (path.Length == _wanted.Length || path[_wanted.Length] == '/'));
    }

    private static JsonElement[] Items(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray()]
            : [];

    private static string? TextOf(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement text) ? text.GetString() : null;

    private static long NumberOf(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement number) ? number.GetInt64() : long.MaxValue;
}
