// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;

namespace Holdfast.Cli.Input;

/// <summary>Options that are numbers, and make no sense below one.</summary>
internal static class LeastNumber
{
    public static void AtLeast(this Option option, long least) => option.Validators.Add(result =>
    {
        // What is no number at all has its own message.
        if (result.Tokens is [{ Value: var text }]
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && value < least)
        {
            result.AddError($"{option.Name} {value}: at least {least}");
        }
    });
}
