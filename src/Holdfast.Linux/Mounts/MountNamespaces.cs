// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Linux.Mounts;

/// <summary>The mount namespaces of this machine.</summary>
internal static class MountNamespaces
{
    /// <summary>A process of each, by its folder in /proc: this one's first, as "self".</summary>
    internal static IEnumerable<string> Processes(KernelRoots roots)
    {
        var seen = new HashSet<string>();
        if (Of(roots, "self") is { } own) seen.Add(own);
        yield return "self";
        foreach (string path in Directory.EnumerateDirectories(roots.Proc))
        {
            string process = Path.GetFileName(path);
            if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out _)) continue;
            if (Of(roots, process) is { } space && seen.Add(space)) yield return process;
        }
    }

    private static string? Of(KernelRoots roots, string process)
    {
        try
        {
            return new FileInfo(Path.Combine(roots.Proc, process, "ns/mnt")).LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
