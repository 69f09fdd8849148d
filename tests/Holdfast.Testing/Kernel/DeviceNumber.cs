// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Testing.Kernel;

/// <summary>Device numbers in the encoding that the kernel gives to user space (linux/kdev_t.h).</summary>
public static class DeviceNumber
{
    /// <param name="path">A block device, as in "/dev/loop0".</param>
    public static ulong Of(string path)
    {
        string[] number = File.ReadAllText($"/sys/class/block/{Path.GetFileName(path)}/dev").Trim().Split(':');
        ulong major = ulong.Parse(number[0], CultureInfo.InvariantCulture);
        ulong minor = ulong.Parse(number[1], CultureInfo.InvariantCulture);
        return (minor & 0xff) | (major << 8) | ((minor & ~0xffUL) << 12);
    }
}
