// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;

namespace Holdfast.Linux.Processes;

/// <summary>
/// The file mappings of a process: by PROCMAP_QUERY (linux/fs.h; Linux 6.11) on /proc/PID/maps, which prints nothing,
/// else by the text of proc(5). One thread's.
/// </summary>
/// <param name="asText">For kernels without the query, and for recorded ones.</param>
internal sealed unsafe class MemoryMaps(bool asText)
{
    private const nuint PROCMAP_QUERY = 0xC0686611;
    private const ulong PROCMAP_QUERY_VMA_WRITABLE = 2;
    private const ulong PROCMAP_QUERY_VMA_SHARED = 8;
    private const ulong PROCMAP_QUERY_COVERING_OR_NEXT_VMA = 0x10;
    private const ulong PROCMAP_QUERY_FILE_BACKED_VMA = 0x20;

    private readonly DescriptorText _text = new();
    private bool _asText = asText;

    /// <param name="folder">Of the process in /proc.</param>
    /// <param name="each">Called in the order of addresses.</param>
    /// <returns>0, or why it could not be read, of errno(3).</returns>
    internal int ForEach(int folder, Action<MemoryMapping> each)
    {
        int maps = Native.OpenAt(folder, "maps"u8, Native.O_RDONLY | Native.O_CLOEXEC);
        if (maps < 0) return Marshal.GetLastPInvokeError();
        try
        {
            if (!_asText)
            {
                int error = Query(maps, each);
                if (error != Native.ENOTTY) return error;
                _asText = true;
            }

            return ReadText(maps, each);
        }
        finally
        {
            _ = Native.Close(maps);
        }
    }

    private static int Query(int maps, Action<MemoryMapping> each)
    {
        var query = new Question
        {
            Size = (ulong)sizeof(Question),
            Flags = PROCMAP_QUERY_COVERING_OR_NEXT_VMA | PROCMAP_QUERY_FILE_BACKED_VMA,
        };
        while (true)
        {
            query.NameSize = 0;
            query.BuildIdSize = 0;
            if (Native.Ioctl(maps, PROCMAP_QUERY, &query) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                // Behind the last mapping; or the process has ended, and has none any more.
                return error is Native.ENOENT or Native.ESRCH ? 0 : error;
            }

            each(new(
                query.Start, query.End, (long)query.Offset, new(query.Major, query.Minor), query.Inode,
                (query.VmaFlags & PROCMAP_QUERY_VMA_SHARED) != 0, (query.VmaFlags & PROCMAP_QUERY_VMA_WRITABLE) != 0));
            query.Address = query.End;
        }
    }

    private int ReadText(int maps, Action<MemoryMapping> each)
    {
        int error = _text.Read(maps);
        if (error != 0) return error;
        foreach (Range line in _text.Bytes.Split((byte)'\n'))
        {
            if (MapsLine.TryParse(_text.Bytes[line], out MemoryMapping mapping)) each(mapping);
        }

        return 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Question
    {
        public ulong Size;
        public ulong Flags;
        public ulong Address;
        public ulong Start;
        public ulong End;
        public ulong VmaFlags;
        public ulong PageSize;
        public ulong Offset;
        public ulong Inode;
        public uint Major;
        public uint Minor;
        public uint NameSize;
        public uint BuildIdSize;
        public ulong NameAddress;
        public ulong BuildIdAddress;
    }
}
