// SPDX-License-Identifier: Apache-2.0
using static Holdfast.Xfs.OnDisk.DirectoryDataBlock.At;

namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// Walks the entries of a directory block that has been verified, in the order they lie there; allocates nothing.
/// </summary>
public ref struct DirectoryEntryEnumerator
{
    private readonly ReadOnlySpan<byte> _block;
    private readonly bool _hasFileTypes;
    private int _at;
    private int _next;

    internal DirectoryEntryEnumerator(ReadOnlySpan<byte> block, int start, bool hasFileTypes)
    {
        _block = block;
        _hasFileTypes = hasFileTypes;
        _next = start;
    }

    public readonly DirectoryEntry Current => Read(_block, _at, _hasFileTypes);

    public bool MoveNext()
    {
        while (_next < _block.Length)
        {
            _at = _next;
            if (_block.U16(_at + FreeTagAt) != FreeTag)
            {
                _next = _at + EntrySizeOf(_block[_at + NameLengthAt], _hasFileTypes);
                return true;
            }

            _next = _at + _block.U16(_at + FreeLengthAt);
        }

        return false;
    }

    /// <summary>
    /// Walks <paramref name="block"/> from <paramref name="start"/> and sees that entries and free space follow each
    /// other without a gap up to its very end, each with its own offset in its tag.
    /// </summary>
    internal static BlockFault Check(ReadOnlySpan<byte> block, int start, bool hasFileTypes, out int count)
    {
        count = 0;
        int at = start;
        while (at < block.Length)
        {
            int left = block.Length - at; // a multiple of eight, as both ends are and every size must be
            bool isFree = block.U16(at + FreeTagAt) == FreeTag;
            int size;
            if (isFree)
            {
                size = block.U16(at + FreeLengthAt);
                if (size == 0 || size % DirectoryDataBlock.Alignment != 0 || size > left)
                {
                    return Misfit("length", at, size);
                }
            }
            else
            {
                int nameLength = left > NameLengthAt ? block[at + NameLengthAt] : 0;
                size = EntrySizeOf(nameLength, hasFileTypes);
                if (nameLength == 0 || size > left) return Misfit("namelen", at, nameLength);
                int fileType = hasFileTypes ? block[at + NameAt + nameLength] : 0;
                if (fileType > (int)DirectoryFileType.Whiteout) return Misfit("filetype", at, fileType);
                count++;
            }

            int tag = block.U16(at + size - TagSize);
            if (tag != at) return BlockFault.Wrong($"tag at {at}", (ulong)at, (ulong)tag);
            at += size;
        }

        return BlockFault.None;
    }

    /// <summary>The entry at an offset that came from elsewhere on the disk: it may not be where one begins.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> block, int at, bool hasFileTypes, out DirectoryEntry entry)
    {
        entry = default;
        int left = block.Length - at;
        if (left <= NameLengthAt || block.U16(at + FreeTagAt) == FreeTag) return false;
        int nameLength = block[at + NameLengthAt];
        int size = EntrySizeOf(nameLength, hasFileTypes);
        if (nameLength == 0 || size > left || block.U16(at + size - TagSize) != at) return false;
        entry = Read(block, at, hasFileTypes);
        return true;
    }

    private static DirectoryEntry Read(ReadOnlySpan<byte> block, int at, bool hasFileTypes)
    {
        ReadOnlySpan<byte> name = block.Slice(at + NameAt, block[at + NameLengthAt]);
        byte fileType = hasFileTypes ? block[at + NameAt + name.Length] : (byte)0;
        return new(new(block.U64(at + InodeAt)), name, (DirectoryFileType)fileType, at);
    }

    private static BlockFault Misfit(string field, int at, int found) => BlockFault.Bad($"{field} at {at}", $"{found}");
}
