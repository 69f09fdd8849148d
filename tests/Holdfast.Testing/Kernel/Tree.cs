// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;

namespace Holdfast.Testing.Kernel;

/// <summary>
/// A folder and everything below it, worked on by paths relative to it. Names are Latin-1: every character is one byte
/// of the name, so that names that are no text can be written down. Closed when disposed.
/// </summary>
public sealed unsafe class Tree : IDisposable
{
    private const nuint XFS_IOC_GOINGDOWN = 0x8004587D;
    private const uint XFS_FSOP_GOING_FLAGS_LOGFLUSH = 1;
    private const uint XFS_FSOP_GOING_FLAGS_NOLOGFLUSH = 2;

    public Tree(string folder)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(Path.GetFullPath(folder) + "\0"))
        {
            Descriptor = Open(-1, path, Posix.O_RDONLY | Posix.O_DIRECTORY, folder);
        }
    }

    private Tree(int descriptor) => Descriptor = descriptor;

    internal int Descriptor { get; }

    public Tree OpenFolder(string name)
    {
        fixed (byte* path = Bytes(name)) return new(Open(Descriptor, path, Posix.O_RDONLY | Posix.O_DIRECTORY, name));
    }

    public TreeFile OpenFile(string name, bool create = false)
    {
        int flags = Posix.O_RDWR | Posix.O_NOFOLLOW | (create ? Posix.O_CREAT | Posix.O_EXCL : 0);
        fixed (byte* path = Bytes(name)) return new(Open(Descriptor, path, flags, name), name);
    }

    public bool Has(string name)
    {
        fixed (byte* path = Bytes(name)) return Posix.FAccessAt(Descriptor, path, Posix.F_OK, 0) == 0;
    }

    /// <summary>Holds an inode of any type, so that it outlives its last name.</summary>
    public IDisposable Hold(string name)
    {
        fixed (byte* path = Bytes(name))
        {
            return new TreeFile(Open(Descriptor, path, Posix.O_PATH | Posix.O_NOFOLLOW, name), name);
        }
    }

    /// <summary>An empty file.</summary>
    public void Create(string name) => OpenFile(name, create: true).Dispose();

    public void MakeFolder(string name)
    {
        fixed (byte* path = Bytes(name))
        {
            Posix.Require(Posix.MkdirAt(Descriptor, path, 0x1ED /* rwxr-xr-x */), $"mkdir {name}");
        }
    }

    public void MakeFifo(string name) => MakeNode(name, Posix.S_IFIFO, 0);

    public void MakeSocket(string name) => MakeNode(name, Posix.S_IFSOCK, 0);

    public void MakeDevice(string name, bool block, ulong number) =>
        MakeNode(name, block ? Posix.S_IFBLK : Posix.S_IFCHR, number);

    public void Symlink(string target, string name)
    {
        fixed (byte* to = Bytes(target), path = Bytes(name))
        {
            Posix.Require(Posix.SymlinkAt(to, Descriptor, path), $"symlink {name}");
        }
    }

    public void Link(string from, string to)
    {
        fixed (byte* source = Bytes(from), target = Bytes(to))
        {
            Posix.Require(Posix.LinkAt(Descriptor, source, Descriptor, target, 0), $"link {to}");
        }
    }

    public void Rename(string from, string to)
    {
        fixed (byte* source = Bytes(from), target = Bytes(to))
        {
            Posix.Require(Posix.RenameAt(Descriptor, source, Descriptor, target), $"rename {from} to {to}");
        }
    }

    public void Delete(string name)
    {
        fixed (byte* path = Bytes(name)) Posix.Require(Posix.UnlinkAt(Descriptor, path, 0), $"unlink {name}");
    }

    public void DeleteFolder(string name)
    {
        fixed (byte* path = Bytes(name))
        {
            Posix.Require(Posix.UnlinkAt(Descriptor, path, Posix.AT_REMOVEDIR), $"rmdir {name}");
        }
    }

    /// <param name="attribute">With its namespace, as in "user.colour". Symlinks and special files take
    /// "trusted.".</param>
    public void SetAttribute(string name, string attribute, ReadOnlySpan<byte> value)
    {
        fixed (byte* path = Bytes($"/proc/self/fd/{Descriptor}/{name}"), key = Bytes(attribute), bytes = value)
        {
            Posix.Require(
                Posix.LSetXAttr(path, key, bytes, (nuint)value.Length, 0), $"setxattr {attribute} of {name}");
        }
    }

    public void RemoveAttribute(string name, string attribute)
    {
        fixed (byte* path = Bytes($"/proc/self/fd/{Descriptor}/{name}"), key = Bytes(attribute))
        {
            Posix.Require(Posix.LRemoveXAttr(path, key), $"removexattr {attribute} of {name}");
        }
    }

    /// <summary>Everything written so far reaches its place: delayed allocation ends here.</summary>
    public void Sync() => Posix.Require(Posix.SyncFs(Descriptor), "syncfs");

    /// <summary>The filesystem stops at once, as if its machine had: nothing more reaches the device.</summary>
    /// <param name="flushLog">What the log holds in memory is written out first.</param>
    public void Crash(bool flushLog)
    {
        uint how = flushLog ? XFS_FSOP_GOING_FLAGS_LOGFLUSH : XFS_FSOP_GOING_FLAGS_NOLOGFLUSH;
        Posix.Require(Posix.Ioctl(Descriptor, XFS_IOC_GOINGDOWN, &how), "XFS_IOC_GOINGDOWN");
    }

    public void Dispose() => _ = Posix.Close(Descriptor);

    private static byte[] Bytes(string name)
    {
        var bytes = new byte[name.Length + 1];
        Encoding.Latin1.GetBytes(name, bytes);
        return bytes;
    }

    private static int Open(int folder, byte* path, int flags, string name) =>
        Posix.Require(Posix.OpenAt(folder, path, flags | Posix.O_CLOEXEC, 0x1A4 /* rw-r--r-- */), $"open {name}");

    private void MakeNode(string name, uint kind, ulong number)
    {
        fixed (byte* path = Bytes(name))
        {
            Posix.Require(Posix.MknodAt(Descriptor, path, kind | 0x1A4, number), $"mknod {name}");
        }
    }
}
