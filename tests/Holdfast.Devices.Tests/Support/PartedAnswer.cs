// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Holdfast.Failures;

namespace Holdfast.Devices.Tests.Support;

/// <summary>A line of <c>parted -m … unit B print</c>: number, first byte, last byte, size, …</summary>
internal static class PartedAnswer
{
    internal static IEnumerable<(string Name, ByteRange Range)> Partitions(IEnumerable<string> lines)
    {
        foreach (string[] parts in lines.Select(l => l.Split(':')))
        {
            if (!int.TryParse(parts[0], CultureInfo.InvariantCulture, out int number)) continue;
            yield return ($"p{number}", ByteRange.FromTo(Bytes(parts[1]), Bytes(parts[2]) + 1));
        }
    }

    private static long Bytes(string text) => long.Parse(text.TrimEnd('B'), CultureInfo.InvariantCulture);
}
