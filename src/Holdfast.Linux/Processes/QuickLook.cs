// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Processes;

/// <summary>
/// Whether a process may use any of the files at all, by inode numbers alone: nearly all do not, and need no second
/// look. With as few system calls as can be: they are all the time it takes. One thread's.
/// </summary>
internal sealed unsafe class QuickLook(KernelRoots roots, WantedFiles wanted, ServedFilesystems served)
{
    private const int BufferLength = 64 << 10;

    // A directory entry of /proc/PID/fd is never as long; with so much room left there was no further one.
    private const int EntryLengthMax = 64;

    private readonly byte[] _buffer = new byte[BufferLength];
    private readonly byte[] _info = new byte[1024];
    private readonly byte[] _root = Encoding.UTF8.GetBytes(roots.Proc + "/");

    /// <returns>True also where it cannot be told: the closer look says why.</returns>
    internal bool MayUse(int process)
    {
        Span<byte> path = stackalloc byte[_root.Length + 24];
        _root.CopyTo(path);
        process.TryFormat(path[_root.Length..], out int digits, provider: CultureInfo.InvariantCulture);
        int length = _root.Length + digits;
        "/maps"u8.CopyTo(path[length..]);
        if (MayMap(path[..(length + 5)])) return true;
        "/ns/mnt"u8.CopyTo(path[length..]);
        bool asksStat = !served.MayBeSeenBy(process, path[..(length + 7)]);
        (asksStat ? "/fd"u8 : "/fdinfo"u8).CopyTo(path[length..]);
        return MayOpen(path[..(length + (asksStat ? 3 : 7))], asksStat);
    }

    private bool MayMap(ReadOnlySpan<byte> path)
    {
        int maps = Native.OpenAt(Native.AT_FDCWD, path, Native.O_RDONLY | Native.O_CLOEXEC);
        if (maps < 0) return !IsOver();
        try
        {
            int kept = 0;
            while (true)
            {
                nint read;
                fixed (byte* at = &_buffer[kept]) read = Native.Read(maps, at, (nuint)(_buffer.Length - kept));
                if (read < 0) return !IsOver();
                if (read == 0) return false;
                ReadOnlySpan<byte> text = _buffer.AsSpan(0, kept + (int)read);
                int whole = text.LastIndexOf((byte)'\n') + 1;
                if (HasWanted(text[..whole])) return true;
                // The beginning of a line whose end comes with the next read; none is as long as the buffer.
                kept = text.Length - whole;
                if (kept == _buffer.Length) return true;
                text[whole..].CopyTo(_buffer);
            }
        }
        finally
        {
            _ = Native.Close(maps);
        }
    }

    /// <summary>The inode number is the fifth word of a line.</summary>
    private bool HasWanted(ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = lines[..end];
            lines = lines[(end + 1)..];
            for (int word = 0; word < 4; word++) line = line[(line.IndexOf((byte)' ') + 1)..];
            if (!line.IsEmpty && line[0] != '0' && Utf8Parser.TryParse(line, out ulong inode, out _)
                && wanted.MayBe(inode))
            {
                return true;
            }
        }

        return false;
    }

    private bool MayOpen(ReadOnlySpan<byte> path, bool asksStat)
    {
        int folder = Native.OpenAt(Native.AT_FDCWD, path, Native.O_RDONLY | Native.O_DIRECTORY | Native.O_CLOEXEC);
        if (folder < 0) return !IsOver();
        try
        {
            while (true)
            {
                nint length;
                fixed (byte* start = _buffer)
                {
                    length = Native.GetDirectoryEntries(folder, start, BufferLength);
                }

                if (length < 0) return !IsOver();
                ReadOnlySpan<byte> entries = _buffer.AsSpan(0, (int)length);
                while (!entries.IsEmpty)
                {
                    int size = MemoryMarshal.Read<ushort>(entries[DirectoryEntryAt.Length..]);
                    // Names are ended by a zero byte: they go to the kernel as they are.
                    ReadOnlySpan<byte> name = entries[DirectoryEntryAt.Name..size];
                    if (name[0] != '.' && MayBe(folder, name, asksStat)) return true;
                    entries = entries[size..];
                }

                if (length < BufferLength - EntryLengthMax) return false;
            }
        }
        finally
        {
            _ = Native.Close(folder);
        }
    }

    private bool MayBe(int folder, ReadOnlySpan<byte> name, bool asksStat)
    {
        fixed (byte* ended = name, buffer = _info)
        {
            if (asksStat)
            {
                return FileIdentity.InodeAt(folder, ended, buffer) is { } inode && wanted.MayBe(inode);
            }

            int info = Native.OpenAt(folder, ended, Native.O_RDONLY | Native.O_CLOEXEC);
            if (info < 0) return false;
            // What counts stands in the first lines.
            nint length = Native.Read(info, buffer, (nuint)_info.Length);
            _ = Native.Close(info);
            if (length <= 0) return false;
            ReadOnlySpan<byte> text = _info.AsSpan(0, (int)length);
            int at = text.IndexOf("\nino:\t"u8);
            return at < 0 || (Utf8Parser.TryParse(text[(at + 6)..], out ulong found, out _) && wanted.MayBe(found));
        }
    }

    /// <summary>The call that just failed did so because the process has ended: it uses nothing.</summary>
    private static bool IsOver() => Marshal.GetLastPInvokeError() is Native.ENOENT or Native.ESRCH;
}
