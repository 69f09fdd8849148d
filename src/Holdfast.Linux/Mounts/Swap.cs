// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Mounts;

/// <summary>The devices that hold swapped memory: /proc/swaps, a heading and one line a device.</summary>
public static class Swap
{
    public static IEnumerable<DeviceNumber> ReadAll(KernelRoots roots)
    {
        string path = Path.Combine(roots.Proc, "swaps");
        if (!File.Exists(path)) yield break;
        foreach (string line in File.ReadLines(path).Skip(1))
        {
            string name = MountInfoLine.Unescape(line.AsSpan(0, Math.Max(0, line.IndexOfAny([' ', '\t']))));
            if (FileIdentity.Of(name)?.Device is { } number) yield return number;
        }
    }
}
