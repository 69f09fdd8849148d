// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>A place in one line of text, and the reads from there. One that fails leaves it where it was.</summary>
internal ref struct TextCursor(ReadOnlySpan<byte> text)
{
    public ReadOnlySpan<byte> Rest { get; private set; } = text;

    public readonly bool AtEnd => Rest.IsEmpty;

    public void SkipSpaces()
    {
        int count = 0;
        while (count < Rest.Length && IsSpace(Rest[count])) count++;
        Rest = Rest[count..];
    }

    public bool TrySkip(byte character)
    {
        if (Rest.IsEmpty || Rest[0] != character) return false;
        Rest = Rest[1..];
        return true;
    }

    public bool TrySkip(ReadOnlySpan<byte> word)
    {
        if (!Rest.StartsWith(word)) return false;
        Rest = Rest[word.Length..];
        return true;
    }

    /// <summary>Moves behind the next occurrence of a word.</summary>
    public bool TrySkipTo(ReadOnlySpan<byte> word)
    {
        int at = Rest.IndexOf(word);
        if (at < 0) return false;
        Rest = Rest[(at + word.Length)..];
        return true;
    }

    /// <summary>The name of a device: printable, without space, comma and closing parenthesis.</summary>
    public bool TrySkipName(int bytesMax, out ReadOnlySpan<byte> name)
    {
        int length = 0;
        while (length < Rest.Length && length <= bytesMax && IsOfName(Rest[length])) length++;
        name = Rest[..length];
        if (length == 0 || length > bytesMax) return false;
        Rest = Rest[length..];
        return true;
    }

    public NumberFault ReadDecimal(out long number) => Read(10, out number);

    public NumberFault ReadHex(out long number) => Read(16, out number);

    /// <summary>Decimal, or hexadecimal behind "0x".</summary>
    public NumberFault ReadDecimalOrHex(out long number)
    {
        TextCursor digits = this;
        if (!digits.TrySkip("0x"u8) && !digits.TrySkip("0X"u8)) return Read(10, out number);
        NumberFault fault = digits.Read(16, out number);
        if (fault == NumberFault.None) this = digits;
        return fault;
    }

    /// <summary>As an integer constant of C: decimal, hexadecimal behind "0x", octal behind "0".</summary>
    public NumberFault ReadConstant(out long number)
    {
        bool octal = Rest.Length > 1 && Rest[0] == '0' && char.IsAsciiDigit((char)Rest[1]);
        if (!octal) return ReadDecimalOrHex(out number);
        TextCursor digits = this;
        NumberFault fault = digits.Read(8, out number);
        if (fault == NumberFault.None && !digits.AtEnd && char.IsAsciiDigit((char)digits.Rest[0]))
        {
            return NumberFault.NotOctal;
        }

        if (fault == NumberFault.None) this = digits;
        return fault;
    }

    public static bool IsSpace(byte character) => character == ' ' || (character >= '\t' && character <= '\r');

    private static bool IsOfName(byte character) => character is > 0x20 and < 0x7f and not ((byte)',' or (byte)')');

    private NumberFault Read(int radix, out long number)
    {
        number = 0;
        int count = 0;
        bool tooBig = false;
        for (; count < Rest.Length; count++)
        {
            int digit = Digit(Rest[count]);
            if (digit >= radix) break;
            tooBig |= number > (long.MaxValue - digit) / radix;
            if (!tooBig) number = (number * radix) + digit;
        }

        if (tooBig) return NumberFault.TooBig;
        if (count == 0) return !Rest.IsEmpty && Rest[0] == '-' ? NumberFault.Negative : NumberFault.Missing;
        Rest = Rest[count..];
        return NumberFault.None;
    }

    private static int Digit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => int.MaxValue,
    };
}
