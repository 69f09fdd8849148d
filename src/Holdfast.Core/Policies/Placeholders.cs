// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Holdfast.Contract;
using Holdfast.Core.Configuration;
using Holdfast.Core.Delivery;
using Holdfast.Core.Records;

namespace Holdfast.Core.Policies;

/// <summary>
/// Places in a command's arguments that become text of the notice, such as {failure}. What is filled in stays within
/// its argument and is never looked at again, whatever it holds.
/// </summary>
public static partial class Placeholders
{
    public static IReadOnlyList<string> Names { get; } =
        ["failure", "party", "rule", "path", "offset", "length", "medium", "content", "notices", "key"];

    /// <summary>
    /// Paths are bytes: an argument is too. What is not known, such as the path of free space, is empty. Of a digest
    /// the first notice is told.
    /// </summary>
    public static byte[] Fill(string argument, PolicyRequest request)
    {
        using var filled = new MemoryStream();
        int done = 0;
        foreach (Match place in Place().Matches(argument))
        {
            if (ValueOf(place.Groups[1].Value, request) is not { } value) continue;
            filled.Write(Encoding.UTF8.GetBytes(argument[done..place.Index]));
            filled.Write(value);
            done = place.Index + place.Length;
        }

        filled.Write(Encoding.UTF8.GetBytes(argument[done..]));
        return filled.ToArray();
    }

    /// <summary>What is wrong with an argument; null where nothing is.</summary>
    internal static string? FaultOf(string argument, bool isProgram)
    {
        foreach (Match place in Place().Matches(argument))
        {
            string name = place.Groups[1].Value;
            if (isProgram && Names.Contains(name)) return "the program itself cannot depend on the notice";
            // Other words in braces may be meant for the program; what is nearly ours is mistyped.
            if (Names.Contains(name)) continue;
            string nearest = NodeReader.Nearest(name, [.. Names]);
            if (nearest.Length > 0) return $"{{{name}}} means nothing{nearest}";
        }

        return null;
    }

    private static byte[]? ValueOf(string name, PolicyRequest request)
    {
        Notice first = request.Notices[0];
        if (name == "path") return PathOf(first);
        string? text = name switch
        {
            "failure" => $"{first.Failure}",
            "party" => request.Party,
            "rule" => request.Rule.Name,
            "offset" => first.Range.Offset.ToString(CultureInfo.InvariantCulture),
            "length" => first.Range.Length.ToString(CultureInfo.InvariantCulture),
            "medium" => Words.Of(first.Medium),
            "content" => Words.Of(first.Content),
            "notices" => request.Notices.Count.ToString(CultureInfo.InvariantCulture),
            "key" => request.Key,
            _ => null,
        };
        return text is null ? null : Encoding.UTF8.GetBytes(text);
    }

    private static byte[] PathOf(Notice notice) =>
        ImpactSubject.ReadAll(notice.Impacts.Span).SelectMany(subject => subject.Paths).FirstOrDefault() ?? [];

    [GeneratedRegex("\\{([a-z_]+)\\}", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
