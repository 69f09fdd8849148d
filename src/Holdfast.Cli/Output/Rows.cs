// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Wording;

namespace Holdfast.Cli.Output;

/// <summary>Pairs of a name and what it is, for people: the names in one column.</summary>
internal static class Rows
{
    private const int NameWidth = 20;

    public static void Pair(this IPage page, string name, params Styled[] value) =>
        page.Line([new("  " + VisibleText.Of(name).PadRight(NameWidth), Tone.Quiet)], value);
}
