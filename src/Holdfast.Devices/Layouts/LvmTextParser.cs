// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Holdfast.Devices.Layouts;

/// <summary>
/// Parses LVM's text format: <c>key = value</c> and <c>key { … }</c>; values are strings, numbers and arrays of these;
/// a hash sign begins a comment. Never deeper than <see cref="DepthMax"/>, and without recursion.
/// </summary>
internal ref struct LvmTextParser
{
    private const int DepthMax = 16;

    private readonly ReadOnlySpan<byte> _text;
    private int _at;

    private LvmTextParser(ReadOnlySpan<byte> text)
    {
        // The text on disk ends in a zero byte, which belongs to its length.
        int end = text.IndexOf((byte)0);
        _text = end < 0 ? text : text[..end];
    }

    /// <summary>
    /// The whole text as one section without a name; the fault tells the byte where it makes no sense.
    /// </summary>
    internal static FieldFault TryParse(ReadOnlySpan<byte> text, out LvmSection root)
    {
        var parser = new LvmTextParser(text);
        root = new(string.Empty);
        string? found = parser.Run(root);
        return found is null ? FieldFault.None : FieldFault.Bad($"byte {parser._at} of the text", found);
    }

    private string? Run(LvmSection root)
    {
        var open = new Stack<LvmSection>([root]);
        while (true)
        {
            SkipBlanks();
            if (_at == _text.Length) return open.Count == 1 ? null : "the text ends inside a section";
            if (TryTake((byte)'}'))
            {
                open.Pop();
                if (open.Count == 0) return "a section ends that never began";
                continue;
            }

            if (!TryKey(out string key)) return "there is no key";
            SkipBlanks();
            if (TryTake((byte)'{'))
            {
                if (open.Count > DepthMax) return "sections are nested too deep";
                var section = new LvmSection(key);
                open.Peek().Add(section);
                open.Push(section);
                continue;
            }

            if (!TryTake((byte)'=')) return "neither a value nor a section follows the key";
            SkipBlanks();
            if (!TryValue(out object? value)) return "there is no value";
            open.Peek().Add(key, value!);
        }
    }

    private bool TryKey(out string key)
    {
        if (_at < _text.Length && _text[_at] == '"') return TryString(out key);
        int start = _at;
        while (_at < _text.Length && !IsBlank(_text[_at]) && !"={}[],#\""u8.Contains(_text[_at])) _at++;
        key = Encoding.UTF8.GetString(_text[start.._at]);
        return _at > start;
    }

    private bool TryValue(out object? value)
    {
        if (!TryTake((byte)'[')) return TryScalar(out value);
        var list = new List<object>();
        value = list;
        while (true)
        {
            SkipBlanks();
            if (TryTake((byte)']')) return true;
            if (TryTake((byte)',')) continue;
            if (!TryScalar(out object? element)) return false;
            list.Add(element!);
        }
    }

    private bool TryScalar(out object? value)
    {
        value = null;
        if (_at == _text.Length) return false;
        if (_text[_at] == '"')
        {
            if (!TryString(out string text)) return false;
            value = text;
            return true;
        }

        int start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit((char)_text[_at]) || "+-."u8.Contains(_text[_at]))) _at++;
        ReadOnlySpan<byte> digits = _text[start.._at];
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, culture, out long number)) value = number;
        // Fractions occur in the format and are of no use here.
        else if (double.TryParse(digits, culture, out double fraction)) value = fraction;
        return value is not null;
    }

    /// <summary>A backslash takes the next byte as it is.</summary>
    private bool TryString(out string value)
    {
        value = string.Empty;
        var bytes = new List<byte>();
        for (_at++; _at < _text.Length; _at++)
        {
            if (_text[_at] == '"')
            {
                _at++;
                value = Encoding.UTF8.GetString([.. bytes]);
                return true;
            }

            if (_text[_at] == '\\' && ++_at == _text.Length) return false;
            bytes.Add(_text[_at]);
        }

        return false;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            if (_text[_at] == '#')
            {
                int end = _text[_at..].IndexOf((byte)'\n');
                _at = end < 0 ? _text.Length : _at + end;
            }
            else if (IsBlank(_text[_at]))
            {
                _at++;
            }
            else
            {
                return;
            }
        }
    }

    private bool TryTake(byte wanted)
    {
        if (_at == _text.Length || _text[_at] != wanted) return false;
        _at++;
        return true;
    }

    private static bool IsBlank(byte letter) => letter is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';
}
