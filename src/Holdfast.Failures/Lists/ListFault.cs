// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>Something in a list that cannot be right, and where.</summary>
/// <param name="Line">Line of the text, from 1; 0 where the fault is of the whole text.</param>
/// <param name="Problem">What is wrong, in one clause.</param>
/// <param name="Found">The text that is wrong, printable and shortened; empty where there is nothing to show.</param>
public readonly record struct ListFault(long Line, string Problem, string Found)
{
    private const int FoundCharactersMax = 48;

    /// <summary>A fault that shows bytes of the list: what is not printable ASCII is shown as <c>\xNN</c>.</summary>
    internal static ListFault Of(long line, string problem, ReadOnlySpan<byte> found)
    {
        var shown = new System.Text.StringBuilder(FoundCharactersMax + 8);
        foreach (byte character in found)
        {
            if (shown.Length >= FoundCharactersMax)
            {
                shown.Append('…');
                break;
            }

            if (character is >= 0x20 and < 0x7f) shown.Append((char)character);
            else shown.Append("\\x").Append(character.ToString("x2", null));
        }

        return new(line, problem, shown.ToString());
    }

    public override string ToString()
    {
        string where = Line == 0 ? "" : $"line {Line}: ";
        return Found.Length == 0 ? where + Problem : $"{where}{Problem}: \"{Found}\"";
    }
}
