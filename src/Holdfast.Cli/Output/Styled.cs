// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>What a piece of text means to the reader; a page decides how that looks.</summary>
internal enum Tone
{
    Plain,
    Heading,
    Quiet,
    Good,
    Warning,
    Bad,
}

/// <summary>A piece of text for people. Nothing in it is markup; names were escaped before.</summary>
internal readonly record struct Styled(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Styled(string text) => new(text);
}
