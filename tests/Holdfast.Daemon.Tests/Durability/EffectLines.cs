// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Contract;

namespace Holdfast.Daemon.Tests.Durability;

/// <summary>What a command that must not run twice left behind: a line with its key for each time it ran.</summary>
internal static class EffectLines
{
    internal const string Party = "effects";
    private const string Digest = $"{Party}/digest/";

    /// <summary>For the rule: appends its key, as one write.</summary>
    internal static string CommandFor(string file) => $$"""printf '%s\\n' \"$HOLDFAST_KEY\" >> {{file}}""";

    /// <summary>The notices of each effect, by their sequences.</summary>
    internal static List<long> SequencesOf(string file, IReadOnlyDictionary<string, long> sequenceOfKey)
    {
        var all = new List<long>();
        foreach (string line in File.Exists(file) ? File.ReadAllLines(file) : [])
        {
            if (!line.StartsWith(Digest, StringComparison.Ordinal))
            {
                all.Add(sequenceOfKey[line[(Party.Length + 1)..]]);
                continue;
            }

            string[] ends = line[Digest.Length..].Split('-');
            long last = long.Parse(ends[1], CultureInfo.InvariantCulture);
            for (long at = long.Parse(ends[0], CultureInfo.InvariantCulture); at <= last; at++) all.Add(at);
        }

        return all;
    }

    internal static Dictionary<string, long> SequenceOfKey(IEnumerable<NoticeJson> heard) =>
        heard.ToDictionary(notice => notice.Key, notice => notice.Seq!.Value);
}
