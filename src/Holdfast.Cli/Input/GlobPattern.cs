// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Impacts;

namespace Holdfast.Cli.Input;

/// <summary>
/// A pattern for paths: `?` is one byte and `*` any number of them but never a slash, `**` any number of anything,
/// everything else is itself. A pattern without a slash is for the last part of the path alone.
/// </summary>
internal sealed class GlobPattern(string pattern)
{
    private readonly byte[] _pattern = Encoding.UTF8.GetBytes(pattern.TrimStart('/'));
    private readonly bool _isForNames = !pattern.Contains('/', StringComparison.Ordinal);

    public bool IsMatch(PathName path)
    {
        ReadOnlySpan<byte> bytes = path.Bytes.Span;
        return Matches(_isForNames ? bytes[(bytes.LastIndexOf((byte)'/') + 1)..] : bytes);
    }

    /// <summary>Goes back to the last star, then to the last double star: never in exponential time.</summary>
    private bool Matches(ReadOnlySpan<byte> text)
    {
        int at = 0;
        int next = 0;
        (int Pattern, int Text) star = (-1, 0);
        (int Pattern, int Text) anything = (-1, 0);
        while (true)
        {
            if (next < _pattern.Length && _pattern[next] == '*')
            {
                bool isDouble = next + 1 < _pattern.Length && _pattern[next + 1] == '*';
                next += isDouble ? 2 : 1;
                // "a/**/b" is "a/b" too.
                if (isDouble && next < _pattern.Length && _pattern[next] == '/' && StartsPart(next - 2)) next++;
                if (isDouble) (anything, star) = ((next, at), (-1, 0));
                else star = (next, at);
            }
            else if (at == text.Length && next == _pattern.Length)
            {
                return true;
            }
            else if (at < text.Length && next < _pattern.Length && IsSame(_pattern[next], text[at]))
            {
                at++;
                next++;
            }
            else if (star.Pattern >= 0 && star.Text < text.Length && text[star.Text] != '/')
            {
                star.Text++;
                (next, at) = star;
            }
            else if (anything.Pattern >= 0 && anything.Text < text.Length)
            {
                anything.Text++;
                star = (-1, 0);
                (next, at) = anything;
            }
            else
            {
                return false;
            }
        }
    }

    private bool StartsPart(int index) => index == 0 || _pattern[index - 1] == '/';

    private static bool IsSame(byte pattern, byte text) => pattern == '?' ? text != '/' : pattern == text;
}
