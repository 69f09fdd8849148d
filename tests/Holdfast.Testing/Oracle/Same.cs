// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Xunit;

namespace Holdfast.Testing.Oracle;

/// <summary>Compares long lists line by line, and shows where they part.</summary>
public static class Same
{
    private const int LinesShown = 20;

    /// <summary>
    /// Fails unless both have the same lines in the same order. The message counts what only one side has and shows the
    /// first of them: - wanted and not there, + there and not wanted, and the order where only that differs.
    /// </summary>
    public static void Lines<T>(string what, IEnumerable<T> wanted, IEnumerable<T> found)
    {
        string[] left = [.. wanted.Select(Text)];
        string[] right = [.. found.Select(Text)];
        // Two empty lists are equal and prove nothing.
        if (left.Length == 0) Assert.Fail($"{what}: the oracle says nothing");
        if (left.AsSpan().SequenceEqual(right)) return;
        Assert.Fail(Difference(what, left, right));
    }

    private static string Text<T>(T item) => item?.ToString() ?? string.Empty;

    private static string Difference(string what, string[] wanted, string[] found)
    {
        List<string> missing = Without(wanted, found);
        List<string> extra = Without(found, wanted);
        var message = new StringBuilder($"{what}: {wanted.Length} lines wanted, {found.Length} found; ");
        message.AppendLine($"{missing.Count} missing, {extra.Count} too many");
        foreach (string line in missing.Take(LinesShown)) message.AppendLine($"- {line}");
        foreach (string line in extra.Take(LinesShown)) message.AppendLine($"+ {line}");
        if (missing.Count == 0 && extra.Count == 0)
        {
            int at = wanted.AsSpan().CommonPrefixLength(found);
            message.AppendLine($"order differs at line {at}: wanted {wanted[at]}, found {found[at]}");
        }

        return message.ToString();
    }

    /// <summary>The lines of one list that the other has not, counting repetitions.</summary>
    private static List<string> Without(string[] lines, string[] others)
    {
        Dictionary<string, int> left = others.CountBy(line => line).ToDictionary();
        var without = new List<string>();
        foreach (string line in lines)
        {
            int count = left.GetValueOrDefault(line);
            if (count == 0) without.Add(line);
            else left[line] = count - 1;
        }

        return without;
    }
}
