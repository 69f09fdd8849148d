// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Devices;

/// <summary>A device number: what the kernel calls a device whatever its node is called.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>Reads "MAJOR:MINOR", as in mountinfo and in sysfs's "dev" files.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DeviceNumber number)
    {
        number = default;
        text = text.Trim();
        int colon = text.IndexOf(':');
        if (colon < 0) return false;
        if (!uint.TryParse(text[..colon], out uint major)) return false;
        if (!uint.TryParse(text[(colon + 1)..], out uint minor)) return false;
        number = new(major, minor);
        return true;
    }

    /// <summary>From the 64 bits in which the kernel hands out device numbers (huge_encode_dev).</summary>
    internal static DeviceNumber Decode(ulong number) =>
        new((uint)(number >> 8) & 0xfff, (uint)((number & 0xff) | ((number >> 12) & 0xfff00)));

    public override string ToString() => $"{Major}:{Minor}";
}
