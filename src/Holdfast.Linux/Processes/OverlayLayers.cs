// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Processes;

/// <summary>
/// The folders that an overlay lies over, the upper one first, by its mount options (overlayfs.rst): "upperdir=",
/// "lowerdir=A:B" or one "lowerdir+=" each. A path is the file of the first that has it.
/// </summary>
internal sealed class OverlayLayers
{
    private readonly List<string> _folders = [];
    private readonly HashSet<DeviceNumber> _devices = [];
    private readonly bool _isHidden;

    internal OverlayLayers(string options)
    {
        var lower = new List<string>();
        foreach (string option in Split(options, ','))
        {
            int equals = option.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) continue;
            string value = option[(equals + 1)..];
            switch (option[..equals])
            {
                case "upperdir": _folders.Add(Plain(value)); break;
                case "lowerdir": lower.AddRange(Split(value, ':').Where(at => at.Length > 0).Select(Plain)); break;
                case "lowerdir+": lower.Add(Plain(value)); break;
                default: break;
            }
        }

        _folders.AddRange(lower);
        foreach (string folder in _folders)
        {
            // Of a container that was set up elsewhere the folders need not be here, nor mean the same.
            if (!Path.IsPathRooted(folder) || FileIdentity.Of(folder) is not { } found) _isHidden = true;
            else _devices.Add(found.LiesOn);
        }
    }

    /// <summary>The filesystems of those folders that can be seen from here.</summary>
    internal IEnumerable<DeviceNumber> Devices => _devices;

    /// <summary>Whether a file of it may lie on a filesystem.</summary>
    internal bool MayLieOn(DeviceNumber device) => _isHidden || _devices.Contains(device);

    /// <param name="path">From the overlay's root on.</param>
    /// <returns>The real file; null where it cannot be told.</returns>
    internal FileIdentity? Find(ReadOnlySpan<byte> path)
    {
        foreach (string folder in _folders)
        {
            if (!Path.IsPathRooted(folder)) return null;
            byte[] full = [.. Encoding.UTF8.GetBytes(folder), (byte)'/', .. path];
            if (FileIdentity.Of(full) is { } found) return found;
        }

        return null;
    }

    /// <summary>At separators that no backslash stands before.</summary>
    private static IEnumerable<string> Split(string text, char separator)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == separator)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length) i++;
            plain.Append(text[i]);
        }

        return plain.ToString();
    }
}
