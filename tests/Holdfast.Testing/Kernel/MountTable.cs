// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Testing.Kernel;

/// <summary>What this process sees mounted.</summary>
public static class MountTable
{
    public static bool HasMountsUnder(string folder) => MountsUnder(folder).Count > 0;

    /// <summary>Mount points inside a folder, innermost first.</summary>
    public static IReadOnlyList<string> MountsUnder(string folder)
    {
        string prefix = folder.TrimEnd('/') + "/";
        return [.. File.ReadLines("/proc/self/mounts")
            .Select(line => line.Split(' ')[1])
            .Where(point => point.StartsWith(prefix, StringComparison.Ordinal))
            .OrderByDescending(point => point.Length)];
    }
}
