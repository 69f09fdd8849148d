// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Failures.Wording;

/// <summary>Numbers for people.</summary>
public static class ByteText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>"512 B", "4.0 KiB", "1.5 GiB".</summary>
    public static string Of(long bytes)
    {
        double value = bytes;
        int unit = 0;
        // 1023.95 and more would be shown as 1024.0.
        while (value >= 1023.95 && unit + 1 < Units.Length)
        {
            value /= 1024;
            unit++;
        }

        string number = value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture);
        return $"{number} {Units[unit]}";
    }

    /// <summary>"100 %", "12.5 %"; what is lost is never rounded to nothing, and what is left never to all.</summary>
    public static string Percent(double share)
    {
        if (share >= 1) return "100 %";
        double percent = share * 100;
        if (percent is > 0 and < 0.1) return "<0.1 %";
        if (percent > 99.9) return ">99.9 %";
        return percent.ToString("0.0", CultureInfo.InvariantCulture) + " %";
    }

    /// <summary>"1 file", "1,234 files".</summary>
    public static string Count(long count, string one, string many) =>
        count.ToString("N0", CultureInfo.InvariantCulture) + " " + (count == 1 ? one : many);
}
