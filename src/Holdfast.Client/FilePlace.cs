// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Contract;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client;

/// <summary>Where a file is inside its own filesystem: what the daemon knows it by, wherever it is mounted.</summary>
/// <param name="Path">From the filesystem's root.</param>
/// <param name="Uuid">The filesystem's; null where the kernel does not say.</param>
public sealed partial record FilePlace(string Path, string? Uuid)
{
    // linux/fs.h: struct fsuuid2 { u8 len; u8 uuid[16]; } by _IOR(0x15, 0, …), Linux 6.9.
    private const uint FsIocGetFsUuid = 0x80111500;
    private const int UuidSize = 16;

    internal FilterJson Filter => new() { Path = Path, Fs = Uuid };

    /// <exception cref="IOException">There is no such file, or no mount over it.</exception>
    public static FilePlace Of(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full) && !Directory.Exists(full)) throw new FileNotFoundException($"there is no {full}", full);
        string[] mount = MountOver(full) ?? throw new IOException($"no mount is over {full}");
        string root = Unescaped(mount[3]);
        string point = Unescaped(mount[4]);
        string inside = full[point.TrimEnd('/').Length..].Trim('/');
        string fromRoot = (root.Trim('/') + "/" + inside).Trim('/');
        return new(fromRoot, UuidOf(full));
    }

    /// <summary>The path under which a file is open now.</summary>
    public static string PathOf(SafeFileHandle file)
    {
        string link = $"/proc/self/fd/{file.DangerousGetHandle()}";
        string? path = new FileInfo(link).LinkTarget;
        const string deleted = " (deleted)";
        if (path is null || path.EndsWith(deleted, StringComparison.Ordinal) || !path.StartsWith('/'))
        {
            throw new IOException("the open file has no name any more");
        }

        return path;
    }

    /// <summary>
    /// The line of mountinfo whose mount point is nearest above a path; later mounts hide earlier ones.
    /// </summary>
    private static string[]? MountOver(string path) => File.ReadLines("/proc/self/mountinfo")
        .Select(line => line.Split(' '))
        .Where(fields => fields.Length > 4 && IsUnder(path, Unescaped(fields[4])))
        .MaxBy(fields => (Unescaped(fields[4]).Length, int.Parse(
            fields[0], System.Globalization.CultureInfo.InvariantCulture)));

    private static bool IsUnder(string path, string point) =>
        path == point || path.StartsWith(point.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>mountinfo writes blanks, tabs, line ends and backslashes as \ooo.</summary>
    private static string Unescaped(string text)
    {
        if (!text.Contains('\\')) return text;
        var plain = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length)
            {
                plain.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }

    private static string? UuidOf(string path)
    {
        const int readOnly = 0;
        using SafeFileHandle file = Open(path, readOnly);
        if (file.IsInvalid) return null;
        Span<byte> answer = stackalloc byte[1 + UuidSize];
        if (Ioctl(file, FsIocGetFsUuid, ref MemoryMarshal.GetReference(answer)) != 0
            || answer[0] != UuidSize) return null;
        return new Guid(answer[1..], bigEndian: true).ToString();
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(SafeFileHandle file, nuint request, ref byte answer);
}
