// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Holdfast.Tidy;

/// <summary>
/// A command in a <c>console</c> block of a document ("$ ./holdfast …", going on behind a backslash) and the lines of
/// output below it. A line that is nothing but "…" stands for any number of lines.
/// </summary>
internal sealed record DocumentedExample(string Document, int Line, string Command, IReadOnlyList<string> Output)
{
    public const string AnyLines = "…";

    private const string Prompt = "$ ";
    private const string Fence = "```";

    public static IEnumerable<DocumentedExample> In(string document, string[] lines)
    {
        bool inside = false;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith(Fence, StringComparison.Ordinal)) inside = lines[i] == Fence + "console";
            if (!inside || !lines[i].StartsWith(Prompt, StringComparison.Ordinal)) continue;
            int first = i;
            var command = new StringBuilder(lines[i][Prompt.Length..]);
            while (command[^1] == '\\') command.Append('\n').Append(lines[++i]);
            int output = i + 1;
            while (!lines[i + 1].StartsWith(Prompt, StringComparison.Ordinal) && lines[i + 1] != Fence) i++;
            yield return new(document, first + 1, command.ToString(), lines[output..(i + 1)]);
        }
    }

    /// <summary>Is the output what the document says? Blanks at the ends of lines do not count.</summary>
    public bool Matches(IReadOnlyList<string> actual)
    {
        // As a glob of lines: back to the last "…" where a line differs.
        int at = 0;
        int next = 0;
        (int Output, int Actual) any = (-1, 0);
        while (at < actual.Count || next < Output.Count)
        {
            if (next < Output.Count && Output[next] == AnyLines)
            {
                any = (++next, at);
            }
            else if (at < actual.Count && next < Output.Count && actual[at].TrimEnd() == Output[next].TrimEnd())
            {
                at++;
                next++;
            }
            else if (any.Output >= 0 && any.Actual < actual.Count)
            {
                any.Actual++;
                (next, at) = any;
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
