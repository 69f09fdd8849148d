// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Devices.Layouts;

/// <summary>The levels of md arrays. Numbers as on disk; names as mdadm prints them.</summary>
internal static class MdLevel
{
    internal const int Mirror = 1;

    internal static string NameOf(int level) => level switch
    {
        -5 => "faulty",
        -4 => "multipath",
        -1 => "linear",
        0 or 1 or 4 or 5 or 6 or 10 => $"raid{level}",
        _ => $"level {level}",
    };
}
