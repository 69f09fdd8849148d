// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Holdfast.Linux.Producers;

/// <summary>
/// A message of the kernel's that something in sysfs came, went or changed (lib/kobject_uevent.c):
/// "remove@/devices/…", then "NAME=value" each, all ended by a zero byte.
/// </summary>
/// <param name="Action">"add", "remove", "change", "move"…</param>
/// <param name="Path">In sysfs, from /devices on.</param>
/// <param name="Subsystem">"block" for block devices and their partitions.</param>
/// <param name="Device">The kernel's name of the device, as under /dev; null where it has no node.</param>
/// <param name="Sequence">Of all such messages since the boot.</param>
public readonly record struct Uevent(string Action, string Path, string? Subsystem, string? Device, long Sequence)
{
    public const string Removed = "remove";

    /// <returns>False for what is no such message: udev's own begin with "libudev".</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out Uevent parsed)
    {
        parsed = default;
        ReadOnlySpan<byte> head = Take(ref message);
        int at = head.IndexOf((byte)'@');
        if (at <= 0 || at + 1 >= head.Length || head[at + 1] != '/') return false;
        string? subsystem = null;
        string? device = null;
        long sequence = 0;
        while (!message.IsEmpty)
        {
            ReadOnlySpan<byte> line = Take(ref message);
            if (line.StartsWith("SUBSYSTEM="u8)) subsystem = Encoding.UTF8.GetString(line[10..]);
            else if (line.StartsWith("DEVNAME="u8)) device = Encoding.UTF8.GetString(line[8..]);
            else if (line.StartsWith("SEQNUM="u8))
            {
                _ = long.TryParse(line[7..], NumberStyles.None, CultureInfo.InvariantCulture, out sequence);
            }
        }

        parsed = new(
            Encoding.UTF8.GetString(head[..at]), Encoding.UTF8.GetString(head[(at + 1)..]), subsystem, device,
            sequence);
        return true;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)0);
        ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return line;
    }
}
