// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Holdfast.Bench.Kernel;

/// <summary>One row of FS_IOC_GETFSMAP. Bytes.</summary>
/// <param name="Owner">An inode number, or a special owner.</param>
internal readonly record struct SpaceRow(long Physical, long Length, ulong Owner, bool IsSpecial)
{
    private const ulong Free = 1;
    private const ulong Log = ((ulong)'X' << 32) | 2;

    public bool IsFree => IsSpecial && Owner == Free;

    public bool IsLog => IsSpecial && Owner == Log;
}

/// <summary>All rows of a mounted filesystem. Layouts: fsmap.h.</summary>
internal static class SpaceMap
{
    private const uint GetFsMap = 0xC0C0583B;
    private const int HeadSize = 192;
    private const int RowSize = 64;
    private const int FirstKeyAt = 64;
    private const int SecondKeyAt = FirstKeyAt + RowSize;
    private const int CountAt = 8;
    private const int EntriesAt = 12;
    private const int Rows = 8192;
    private const uint SpecialOwner = 0x10;
    private const uint LastRow = 0x20;

    internal static List<SpaceRow> Read(string mount)
    {
        int fd = Calls.Open(mount, Calls.O_RDONLY | Calls.O_DIRECTORY);
        byte[] buffer = new byte[HeadSize + (Rows * RowSize)];
        buffer.AsSpan(SecondKeyAt, 32).Fill(0xFF);
        BitConverter.TryWriteBytes(buffer.AsSpan(CountAt), Rows);
        var found = new List<SpaceRow>();
        bool last = false;
        while (!last)
        {
            Calls.Check(Calls.Control(fd, GetFsMap, ref buffer[0]), "GETFSMAP");
            int count = BitConverter.ToInt32(buffer, EntriesAt);
            if (count == 0) break;
            ReadOnlySpan<byte> rows = buffer.AsSpan(HeadSize, count * RowSize);
            for (int i = 0; i < count; i++) last |= Add(rows.Slice(i * RowSize, RowSize), found);
            rows[^RowSize..].CopyTo(buffer.AsSpan(FirstKeyAt));
        }

        _ = Calls.Close(fd);
        return found;
    }

    private static bool Add(ReadOnlySpan<byte> row, List<SpaceRow> found)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(row);
        uint flags = (uint)(words[0] >> 32);
        found.Add(new((long)words[1], (long)words[4], words[2], (flags & SpecialOwner) != 0));
        return (flags & LastRow) != 0;
    }
}
