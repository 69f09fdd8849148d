// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Cli.Output;

/// <summary>Where text for people goes, line by line.</summary>
internal interface IPage : IDisposable
{
    /// <summary>One line: a lead, then a body that, where lines are wrapped, goes on under itself.</summary>
    void Line(Styled[] lead, params Styled[] body);
}

internal static class PageLines
{
    public static void Blank(this IPage page) => page.Line([]);

    public static void Text(this IPage page, params Styled[] body) => page.Line([], body);

    public static void Heading(this IPage page, string text)
    {
        page.Blank();
        page.Line([], new Styled(text, Tone.Heading));
    }
}
