// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Failures.Lists;

/// <summary>Why a number could not be read from a text.</summary>
internal enum NumberFault
{
    None,

    /// <summary>There are no digits here.</summary>
    Missing,

    Negative,

    /// <summary>The number is larger than 2^63 - 1, the largest byte offset there can be.</summary>
    TooBig,

    /// <summary>A number with a leading zero, which makes it octal, has a digit 8 or 9.</summary>
    NotOctal,
}

internal static class NumberFaults
{
    public static string Text(this NumberFault fault) => fault switch
    {
        NumberFault.None => "",
        NumberFault.Negative => "a negative number",
        NumberFault.TooBig => "a number past 2^63 - 1",
        NumberFault.NotOctal => "a leading zero makes the number octal, and it has an 8 or 9",
        _ => "not a number",
    };
}
