// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Contract;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Client;

/// <summary>Where a file is inside its own filesystem: what the daemon knows it by, wherever it is mounted.</summary>
public sealed class FilePlace
{
    private readonly byte[] _path;

    private FilePlace(byte[] path, string? uuid)
    {
        _path = path;
        Uuid = uuid;
    }

    /// <summary>From the filesystem's root, without a slash before it; "" is the root itself.</summary>
    public ReadOnlyMemory<byte> PathBytes => _path;

    /// <summary>The same for people: what is not UTF-8 is replaced.</summary>
    public string Path => Encoding.UTF8.GetString(_path);

    /// <summary>The filesystem's; null where the kernel does not say.</summary>
    public string? Uuid { get; }

    /// <summary>What a party is registered with.</summary>
    public FilterJson Filter => new()
    {
        Path = Path,
        PathBase64 = System.Text.Unicode.Utf8.IsValid(_path) ? null : Convert.ToBase64String(_path),
        Fs = Uuid,
    };

    /// <summary>A file's, or a folder's. A symbolic link stands for what it leads to.</summary>
    /// <exception cref="IOException">There is no such file, it may not be looked at, or it is on an
    /// overlay.</exception>
    public static FilePlace Of(string path)
    {
        using SafeFileHandle file = Native.OpenPlace(Encoding.UTF8.GetBytes(path));
        if (file.IsInvalid) throw new IOException($"{path}: {Native.LastMessage()}");
        return Of(file);
    }

    /// <summary>An open file's, under the name that it has now.</summary>
    /// <exception cref="IOException">It has no name any more, or none that can be reached from here; or it is on an
    /// overlay.</exception>
    public static FilePlace Of(SafeFileHandle file)
    {
        OpenFile open = OpenFile.Of(file);
        MountLine mount = MountLine.Of(open.Mount)
            ?? throw new IOException("the file's mount cannot be seen from here");
        if (mount.Type == "overlay")
        {
            // Its inode, its UUID and its path are the overlay's own: a filter made of them would never match.
            throw new IOException(
                $"{open.Name}: lies on an overlay, which does not say on which filesystem; give its place there");
        }

        // The mount may show only a folder of its filesystem (a bind mount): its root comes before.
        string inside = open.Name[mount.Point.TrimEnd('/').Length..];
        string path = $"{mount.Root.Trim('/')}/{inside.Trim('/')}".Trim('/');
        return new(Encoding.Latin1.GetBytes(path), FilesystemUuid.Of(file, mount.Point));
    }
}
