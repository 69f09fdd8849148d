// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// The hash index of a leaf block, or of the tail of a single-block directory, viewed in place: sorted by hash, its
/// stale entries counted.
/// </summary>
public readonly ref struct DirectoryLeafEntries
{
    private readonly ReadOnlySpan<byte> _entries;

    private DirectoryLeafEntries(ReadOnlySpan<byte> entries, int stale)
    {
        _entries = entries;
        StaleCount = stale;
    }

    /// <summary>With the stale ones.</summary>
    public int Count => _entries.Length / DirectoryLeafEntry.Size;

    public int StaleCount { get; }

    public DirectoryLeafEntry this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _entries.Slice(index * DirectoryLeafEntry.Size, DirectoryLeafEntry.Size);
            return new(entry.U32(DirectoryLeafEntry.HashAt), entry.U32(DirectoryLeafEntry.AddressAt));
        }
    }

    /// <summary>
    /// Index of the first entry whose hash is not below <paramref name="hash"/>; <see cref="Count"/> where there is
    /// none. Several names may have one hash: all that follow with the same are candidates.
    /// </summary>
    public int FirstNotBelow(uint hash)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (this[middle].Hash < hash) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    internal static BlockFault TryOpen(ReadOnlySpan<byte> entries, uint stale, out DirectoryLeafEntries opened)
    {
        opened = default;
        var view = new DirectoryLeafEntries(entries, (int)stale);
        uint found = 0;
        uint previous = 0;
        for (int index = 0; index < view.Count; index++)
        {
            DirectoryLeafEntry entry = view[index];
            if (entry.Hash < previous)
            {
                return BlockFault.Wrong($"ents[{index}].hashval", $"at least 0x{previous:x}", $"0x{entry.Hash:x}");
            }

            previous = entry.Hash;
            if (entry.IsStale) found++;
        }

        if (found != stale) return BlockFault.Wrong("stale", found, stale);
        opened = view;
        return BlockFault.None;
    }
}
