// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Mounts;

/// <summary>
/// One line of /proc/PID/mountinfo (proc(5)): "ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS [TAG…] - TYPE SOURCE
/// SUPEROPTIONS", with octal escapes for blanks.
/// </summary>
public readonly ref struct MountInfoLine
{
    /// <summary>No other mount has it, in whatever namespace.</summary>
    public required int Id { get; init; }

    public required DeviceNumber Device { get; init; }

    /// <summary>
    /// The folder of the filesystem that is mounted. Escaped as in the file; <see cref="Unescape"/> it for people.
    /// </summary>
    public required ReadOnlySpan<char> Root { get; init; }

    /// <summary>Escaped as in the file.</summary>
    public required ReadOnlySpan<char> MountPoint { get; init; }

    public required ReadOnlySpan<char> FileSystemType { get; init; }

    /// <summary>Escaped as in the file; empty where there are none.</summary>
    public required ReadOnlySpan<char> SuperOptions { get; init; }

    public static bool TryParse(ReadOnlySpan<char> line, out MountInfoLine result)
    {
        result = default;
        ReadOnlySpan<char> rest = line;
        if (!int.TryParse(TakeWord(ref rest), out int id)) return false;
        TakeWord(ref rest);
        if (!DeviceNumber.TryParse(TakeWord(ref rest), out DeviceNumber device)) return false;
        ReadOnlySpan<char> root = TakeWord(ref rest);
        ReadOnlySpan<char> mountPoint = TakeWord(ref rest);
        int separator = rest.IndexOf(" - ", StringComparison.Ordinal);
        if (mountPoint.IsEmpty || separator < 0) return false;
        rest = rest[(separator + 3)..];
        ReadOnlySpan<char> type = TakeWord(ref rest);
        TakeWord(ref rest);
        result = new()
        {
            Id = id, Device = device, Root = root, MountPoint = mountPoint, FileSystemType = type,
            SuperOptions = TakeWord(ref rest),
        };
        return true;
    }

    /// <summary>"\040" is a blank, "\011" a tab, "\012" a line feed, "\134" a backslash.</summary>
    public static string Unescape(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 3 >= text.Length || text[(i + 1)..(i + 4)].ContainsAnyExceptInRange('0', '7'))
            {
                result.Append(text[i]);
                continue;
            }

            result.Append((char)((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0'));
            i += 3;
        }

        return result.ToString();
    }

    private static ReadOnlySpan<char> TakeWord(scoped ref ReadOnlySpan<char> rest)
    {
        int blank = rest.IndexOf(' ');
        ReadOnlySpan<char> word = blank < 0 ? rest : rest[..blank];
        rest = blank < 0 ? [] : rest[(blank + 1)..];
        return word;
    }
}
