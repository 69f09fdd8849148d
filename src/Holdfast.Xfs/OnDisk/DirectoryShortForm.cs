// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// A directory small enough to lie in its inode (local format), viewed in place. The inode's checksum covers it. It
/// has no entry for itself, and its parent stands in the header. Source of the format: xfs_da_format.h
/// (struct xfs_dir2_sf_hdr, xfs_dir2_sf_entry).
/// </summary>
public readonly ref struct DirectoryShortForm
{
    private readonly ReadOnlySpan<byte> _fork;
    private readonly bool _hasFileTypes;

    private DirectoryShortForm(ReadOnlySpan<byte> fork, bool hasFileTypes)
    {
        _fork = fork;
        _hasFileTypes = hasFileTypes;
    }

    /// <summary>Entries.</summary>
    public int Count => _fork[At.CountAt];

    /// <summary>Inode numbers are eight bytes wide: one of them, the parent's included, needs it.</summary>
    public bool HasWideInodes => _fork[At.WideCountAt] != 0;

    /// <summary>The directory that this one is an entry of; the root is its own parent.</summary>
    public InodeNumber Parent => At.ReadInode(_fork, At.ParentAt, HasWideInodes);

    public Enumerator GetEnumerator() => new(_fork, HasWideInodes, _hasFileTypes);

    /// <summary>
    /// Verifies and views a short-form directory. <paramref name="fork"/> is the data fork, cut to the inode's size:
    /// the entries must fill it to the end. <paramref name="hasFileTypes"/> is <see cref="Features.FileTypes"/>.
    /// </summary>
    public static BlockFault TryOpen(ReadOnlySpan<byte> fork, bool hasFileTypes, out DirectoryShortForm opened)
    {
        opened = default;
        int sizeMin = At.ParentAt + At.InodeSizeOf(isWide: false);
        if (fork.Length < sizeMin) return BlockFault.Wrong("di_size", $"at least {sizeMin}", $"{fork.Length}");
        bool isWide = fork[At.WideCountAt] != 0;
        int at = At.ParentAt + At.InodeSizeOf(isWide);
        if (fork.Length < at) return BlockFault.Wrong("di_size", $"at least {at}", $"{fork.Length}");
        int offset = 0;
        for (int index = 0; index < fork[At.CountAt]; index++)
        {
            int left = fork.Length - at;
            int nameLength = left > At.NameLengthAt ? fork[at + At.NameLengthAt] : 0;
            int size = At.EntrySizeOf(nameLength, isWide, hasFileTypes);
            if (nameLength == 0 || size > left) return BlockFault.Bad($"list[{index}].namelen", $"{nameLength}");
            int found = fork.U16(at + At.OffsetAt);
            if (found < offset) return BlockFault.Wrong($"list[{index}].offset", $"at least {offset}", $"{found}");
            int fileType = hasFileTypes ? fork[at + At.NameAt + nameLength] : 0;
            if (fileType > (int)DirectoryFileType.Whiteout)
            {
                return BlockFault.Bad($"list[{index}].filetype", $"{fileType}");
            }

            offset = found + DirectoryDataBlock.At.EntrySizeOf(nameLength, hasFileTypes);
            at += size;
        }

        if (at != fork.Length) return BlockFault.Wrong("di_size", (ulong)at, (ulong)fork.Length);
        opened = new DirectoryShortForm(fork, hasFileTypes);
        return BlockFault.None;
    }

    /// <summary>Walks a short-form directory that has been verified; allocates nothing.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _fork;
        private readonly bool _isWide;
        private readonly bool _hasFileTypes;
        private int _at;
        private int _next;

        internal Enumerator(ReadOnlySpan<byte> fork, bool isWide, bool hasFileTypes)
        {
            _fork = fork;
            _isWide = isWide;
            _hasFileTypes = hasFileTypes;
            _next = At.ParentAt + At.InodeSizeOf(isWide);
        }

        public readonly DirectoryEntry Current
        {
            get
            {
                ReadOnlySpan<byte> name = _fork.Slice(_at + At.NameAt, _fork[_at + At.NameLengthAt]);
                int after = _at + At.NameAt + name.Length;
                byte fileType = _hasFileTypes ? _fork[after++] : (byte)0;
                InodeNumber inode = At.ReadInode(_fork, after, _isWide);
                return new(inode, name, (DirectoryFileType)fileType, _fork.U16(_at + At.OffsetAt));
            }
        }

        public bool MoveNext()
        {
            if (_next >= _fork.Length) return false;
            _at = _next;
            _next += At.EntrySizeOf(_fork[_at + At.NameLengthAt], _isWide, _hasFileTypes);
            return true;
        }
    }

    /// <summary>Field positions, each the sum of the widths before it; an entry's from its own start.</summary>
    public static class At
    {
        public const int CountAt = 0;
        public const int WideCountAt = CountAt + 1;
        public const int ParentAt = WideCountAt + 1;

        public const int NameLengthAt = 0;
        public const int OffsetAt = NameLengthAt + 1;
        public const int NameAt = OffsetAt + sizeof(ushort); // then the file type, where there is one, and the inode

        public static int InodeSizeOf(bool isWide) => isWide ? sizeof(ulong) : sizeof(uint);

        public static int EntrySizeOf(int nameLength, bool isWide, bool hasFileTypes) =>
            NameAt + nameLength + (hasFileTypes ? DirectoryDataBlock.At.FileTypeSize : 0) + InodeSizeOf(isWide);

        internal static InodeNumber ReadInode(ReadOnlySpan<byte> fork, int at, bool isWide) =>
            new(isWide ? fork.U64(at) : fork.U32(at));
    }
}
