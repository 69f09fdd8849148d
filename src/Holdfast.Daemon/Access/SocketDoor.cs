// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Holdfast.Linux.Interop;

namespace Holdfast.Daemon.Access;

/// <summary>
/// The socket's place: a folder that only the group may enter, and no socket of a dead daemon in the way.
/// </summary>
internal static partial class SocketDoor
{
    private const UnixFileMode FolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute;

    private const uint PrivateMask = 0x3F; // 0077

    private const UnixFileMode SocketMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private const UnixFileMode SpoolModeAlone =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode SpoolMode =
        SpoolModeAlone | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.StickyBit | UnixFileMode.SetGroup;

    /// <summary>What this process makes from now on is its user's alone, until it is opened to others.</summary>
    internal static void KeepPrivate() => _ = SetMask(PrivateMask);

    /// <summary>Before binding.</summary>
    /// <exception cref="IOException">Another daemon listens there, or something else than a socket is
    /// there.</exception>
    internal static void Prepare(string path, uint? group)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, FolderMode);
            // What the umask took away.
            File.SetUnixFileMode(folder, FolderMode);
            Give(folder, group);
        }

        if (!Path.Exists(path)) return;
        if (!FileTypes.IsSocket(path)) throw new IOException($"{path} is there and is no socket");

        if (IsAnswered(path)) throw new IOException($"another daemon listens on {path}");
        File.Delete(path);
    }

    /// <summary>After binding.</summary>
    internal static void Open(string path, uint? group)
    {
        Give(path, group);
        File.SetUnixFileMode(path, SocketMode);
    }

    /// <summary>
    /// A folder like a mail drop: the group may put reports in, and nobody may take or rename another's.
    /// </summary>
    /// <returns>What is wrong with it; null where members can spool.</returns>
    internal static string? OpenSpool(string path, uint? group)
    {
        try
        {
            if (new DirectoryInfo(path).LinkTarget is not null) return $"{path} is a link: no report is taken from it";
            Directory.CreateDirectory(path);
            if (Users.OwnerOf(path) is { } owner && owner != Users.Effective)
            {
                return $"{path} is user {owner}'s: who can rename what lies there can pass it off as another's";
            }

            // Before the mode: a change of group takes the setgid bit away.
            Give(path, group);
            File.SetUnixFileMode(path, group is null ? SpoolModeAlone : SpoolMode);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"no report can be left in {path}: {fault.Message}";
        }
    }

    private static bool IsAnswered(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void Give(string path, uint? group)
    {
        // Fails for a daemon that is tried out without root: then it stays its user's own.
        if (group is { } number) _ = ChangeOwner(path, uint.MaxValue, number);
    }

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int ChangeOwner(string path, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
