// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Cli.Input;

/// <summary>A time as people type it: "90s", "5m".</summary>
internal static class DurationText
{
    internal static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length < 2) return false;
        int? seconds = text[^1] switch { 's' => 1, 'm' => 60, _ => null };
        if (seconds is null) return false;
        bool isNumber = int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count);
        if (!isNumber || count > 24 * 3600) return false;
        duration = TimeSpan.FromSeconds((long)count * seconds.Value);
        return true;
    }

    internal static string Of(TimeSpan duration) => duration.TotalSeconds % 60 == 0 && duration.TotalSeconds > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#} s");
}
