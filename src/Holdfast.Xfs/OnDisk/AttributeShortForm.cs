// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// Attributes that lie in the inode (local format), viewed in place. The inode's checksum covers them. Source of the
/// format: xfs_da_format.h (struct xfs_attr_sf_hdr, xfs_attr_sf_entry).
/// </summary>
public readonly ref struct AttributeShortForm
{
    private readonly ReadOnlySpan<byte> _list;

    private AttributeShortForm(ReadOnlySpan<byte> list) => _list = list;

    public int Count => _list[At.CountAt];

    public Enumerator GetEnumerator() => new(_list);

    /// <summary>Verifies and views a local attribute fork; <paramref name="fork"/> is all of it.</summary>
    public static BlockFault TryOpen(ReadOnlySpan<byte> fork, out AttributeShortForm opened)
    {
        opened = default;
        if (fork.Length < At.HeaderSize)
        {
            return BlockFault.Wrong("di_forkoff", $"{At.HeaderSize} bytes left for attributes", $"{fork.Length}");
        }

        int length = fork.U16(At.TotalSizeAt);
        if (length < At.HeaderSize || length > fork.Length)
        {
            return BlockFault.Wrong("totsize", $"{At.HeaderSize} to {fork.Length}", $"{length}");
        }

        ReadOnlySpan<byte> list = fork[..length];
        int at = At.HeaderSize;
        for (int index = 0; index < list[At.CountAt]; index++)
        {
            int left = length - at;
            int nameLength = left > At.NameAt ? list[at + At.NameLengthAt] : 0;
            if (nameLength == 0) return BlockFault.Bad($"list[{index}].namelen", "0");
            int size = At.NameAt + nameLength + list[at + At.ValueLengthAt];
            if (size > left) return BlockFault.OutOfBounds($"list[{index}].valuelen", (ulong)size, (ulong)left);
            var flags = (AttributeBits)list[at + At.FlagsAt];
            if (!flags.AreSound()) return BlockFault.Bad($"list[{index}].flags", $"0x{(byte)flags:x}");
            at += size;
        }

        if (at != length) return BlockFault.Wrong("totsize", (ulong)at, (ulong)length);
        opened = new AttributeShortForm(list);
        return BlockFault.None;
    }

    /// <summary>Walks attributes that have been verified; allocates nothing.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _list;
        private int _at;
        private int _next;

        internal Enumerator(ReadOnlySpan<byte> list)
        {
            _list = list;
            _next = At.HeaderSize;
        }

        public readonly AttributeEntry Current
        {
            get
            {
                ReadOnlySpan<byte> name = _list.Slice(_at + At.NameAt, _list[_at + At.NameLengthAt]);
                int valueAt = _at + At.NameAt + name.Length;
                ReadOnlySpan<byte> value = _list.Slice(valueAt, _list[_at + At.ValueLengthAt]);
                return new((AttributeBits)_list[_at + At.FlagsAt], name, value);
            }
        }

        public bool MoveNext()
        {
            if (_next >= _list.Length) return false;
            _at = _next;
            _next += At.NameAt + _list[_at + At.NameLengthAt] + _list[_at + At.ValueLengthAt];
            return true;
        }
    }

    /// <summary>Field positions, each the sum of the widths before it; an entry's from its own start.</summary>
    public static class At
    {
        public const int TotalSizeAt = 0;
        public const int CountAt = TotalSizeAt + sizeof(ushort);
        public const int HeaderSize = CountAt + 1 + 1; // one byte of padding

        public const int NameLengthAt = 0;
        public const int ValueLengthAt = NameLengthAt + 1;
        public const int FlagsAt = ValueLengthAt + 1;
        public const int NameAt = FlagsAt + 1; // the value follows it
    }
}
