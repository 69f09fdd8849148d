// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Contract;
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Output;

/// <summary>The daemon's words for people.</summary>
internal static class DaemonText
{
    public static string TimeOf(DateTimeOffset time) =>
        time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <param name="time">ISO 8601; what is no time is shown as it is.</param>
    public static string TimeOf(string time) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset at)
            ? TimeOf(at) : VisibleText.Of(time);

    /// <summary>"244056064 +4.0 KiB".</summary>
    public static string RangeOf(long offset, long length) =>
        string.Create(CultureInfo.InvariantCulture, $"{offset} +{ByteText.Of(length)}");

    public static Styled MediumOf(string medium) => new(medium, medium switch
    {
        "confirmed" or "gone" => Tone.Bad,
        "suspect" => Tone.Warning,
        "readable" => Tone.Good,
        _ => Tone.Plain,
    });

    public static Styled ContentOf(string content) => new(content, content switch
    {
        "lost" => Tone.Bad,
        "unknown" => Tone.Warning,
        _ => Tone.Good,
    });

    public static Styled StateOf(string delivery) => new(delivery, delivery switch
    {
        "dead" or "unknown" or "failed" => Tone.Bad,
        "pending" or "deferred" or "attempting" => Tone.Warning,
        "done" => Tone.Good,
        _ => Tone.Quiet,
    });

    /// <summary>What a notice is about, file by file; what is not known says why.</summary>
    public static IEnumerable<Styled[]> ImpactsOf(NoticeJson notice, int most)
    {
        int told = 0;
        if (notice.Impacts is { ValueKind: System.Text.Json.JsonValueKind.Array } impacts)
        {
            foreach (System.Text.Json.JsonElement impact in impacts.EnumerateArray())
            {
                if (told++ == most)
                {
                    yield return [new($"… and {impacts.GetArrayLength() - most} more", Tone.Quiet)];
                    break;
                }

                yield return ImpactOf(impact);
            }
        }

        if (notice.Gap is { } gap) yield return [new($"not complete: {VisibleText.Of(gap)}", Tone.Warning)];
    }

    private static Styled[] ImpactOf(System.Text.Json.JsonElement impact)
    {
        string owner = Text(impact, "owner") ?? "?";
        string severity = Text(impact, "severity") ?? "";
        Tone tone = severity == "file_data" ? Tone.Bad : severity == "metadata" ? Tone.Warning : Tone.Quiet;
        string what = Text(impact, "structure") ?? owner.Replace('_', ' ');
        string name = "";
        if (impact.TryGetProperty("paths", out System.Text.Json.JsonElement paths) && paths.GetArrayLength() > 0)
        {
            name = VisibleText.Of(paths[0].GetString()!);
            if (paths.GetArrayLength() > 1) name += $" (and {paths.GetArrayLength() - 1} more names)";
        }
        else if (impact.TryGetProperty("inode", out System.Text.Json.JsonElement inode))
        {
            name = $"inode {inode}";
        }

        // A place in another fork, or in a directory, is no place in a file's content.
        bool isContent = severity == "file_data";
        string bytes = !isContent && Text(impact, "structure") is { } structure ? $"  {VisibleText.Of(structure)}"
            : impact.TryGetProperty("file_offset", out System.Text.Json.JsonElement offset)
                ? $"  bytes {RangeOf(offset.GetInt64(), impact.GetProperty("length").GetInt64())}"
            : "";
        return name.Length > 0 ? [new(name, tone), new(bytes, Tone.Quiet)] : [new(VisibleText.Of(what), tone)];
    }

    private static string? Text(System.Text.Json.JsonElement impact, string name) =>
        impact.TryGetProperty(name, out System.Text.Json.JsonElement value) ? value.GetString() : null;
}
