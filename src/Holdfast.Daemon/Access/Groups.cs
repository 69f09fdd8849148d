// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Holdfast.Daemon.Access;

/// <summary>Groups of this machine.</summary>
internal static class Groups
{
    /// <summary>The number of a group in a file such as /etc/group; null where it has none of this name.</summary>
    internal static uint? Find(string path, string name)
    {
        if (!File.Exists(path)) return null;
        foreach (string line in File.ReadLines(path))
        {
            string[] fields = line.Split(':');
            if (fields.Length < 3 || fields[0] != name) continue;
            return uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number
                : null;
        }

        return null;
    }
}
