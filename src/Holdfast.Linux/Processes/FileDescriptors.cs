// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Runtime.InteropServices;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Processes;

/// <summary>A descriptor of a process, and which file it is.</summary>
/// <param name="MountId">Of the mount that it was opened through.</param>
internal readonly record struct FoundDescriptor(OpenDescriptor Descriptor, int MountId, ulong Inode);

/// <summary>
/// The files a process has open, by readlink(2) and /proc/PID/fdinfo (proc(5); "ino" since Linux 5.14). Never by
/// stat(2), which waits for a server that may be dead. One thread's.
/// </summary>
internal sealed unsafe class FileDescriptors
{
    private const int NameLengthMax = 20;
    private const int EntriesLength = 32 << 10;
    private const int O_ACCMODE = 3;
    private const int O_WRONLY = 1;
    private const int O_RDWR = 2;

    private readonly DescriptorText _text = new();
    private readonly byte[] _entries = new byte[EntriesLength];

    /// <param name="folder">Of the process in /proc.</param>
    /// <returns>0, or why it could not be read, of errno(3).</returns>
    internal int ForEach(int folder, Action<FoundDescriptor> each)
    {
        int links = Native.OpenAt(folder, "fd"u8, Native.O_RDONLY | Native.O_DIRECTORY | Native.O_CLOEXEC);
        if (links < 0) return Marshal.GetLastPInvokeError();
        int infos = Native.OpenAt(folder, "fdinfo"u8, Native.O_RDONLY | Native.O_DIRECTORY | Native.O_CLOEXEC);
        try
        {
            return infos < 0 ? Marshal.GetLastPInvokeError() : Walk(links, infos, each);
        }
        finally
        {
            _ = Native.Close(links);
            if (infos >= 0) _ = Native.Close(infos);
        }
    }

    private int Walk(int links, int infos, Action<FoundDescriptor> each)
    {
        while (true)
        {
            nint length;
            fixed (byte* start = _entries) length = Native.GetDirectoryEntries(links, start, EntriesLength);
            if (length == 0) return 0;
            if (length < 0) return Marshal.GetLastPInvokeError();
            ReadOnlySpan<byte> entries = _entries.AsSpan(0, (int)length);
            while (!entries.IsEmpty)
            {
                int size = MemoryMarshal.Read<ushort>(entries[DirectoryEntryAt.Length..]);
                ReadOnlySpan<byte> name = entries[DirectoryEntryAt.Name..size];
                Look(links, infos, name[..name.IndexOf((byte)0)], each);
                entries = entries[size..];
            }
        }
    }

    private void Look(int links, int infos, ReadOnlySpan<byte> name, Action<FoundDescriptor> each)
    {
        if (name.Length > NameLengthMax || !Utf8Parser.TryParse(name, out int number, out _)) return;
        // Pipes, sockets and the like have a name that is no path; a byte is enough to see that.
        byte first = 0;
        if (Native.ReadLinkAt(links, name, &first, 1) != 1 || first != '/') return;
        if (_text.ReadAt(infos, name) != 0) return;
        if (!Utf8Parser.TryParse(_text.Field("ino:"u8), out ulong inode, out _)) return;
        if (!Utf8Parser.TryParse(_text.Field("mnt_id:"u8), out int mount, out _)) return;
        int flags = Octal(_text.Field("flags:"u8));
        // Such a descriptor names a file, and can neither read nor write it.
        if ((flags & Native.O_PATH) != 0) return;
        _ = Utf8Parser.TryParse(_text.Field("pos:"u8), out long position, out _);
        int mode = flags & O_ACCMODE;
        each(new(new(number, mode != O_WRONLY, mode is O_WRONLY or O_RDWR, position), mount, inode));
    }

    private static int Octal(ReadOnlySpan<byte> text)
    {
        int value = 0;
        foreach (byte digit in text) value = (value * 8) + (digit - '0');
        return value;
    }
}
