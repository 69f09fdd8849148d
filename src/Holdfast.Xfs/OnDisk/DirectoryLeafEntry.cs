// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>From the hash of a name to its entry. Source: xfs_da_format.h (struct xfs_dir2_leaf_entry).</summary>
/// <param name="Hash">Hash of the name; a stale entry keeps its hash.</param>
/// <param name="Address">Offset of the entry in the directory's data, in units of eight bytes; 0 is stale.</param>
public readonly record struct DirectoryLeafEntry(uint Hash, uint Address)
{
    internal const int HashAt = 0;
    internal const int AddressAt = HashAt + sizeof(uint);

    /// <summary>Bytes.</summary>
    public const int Size = AddressAt + sizeof(uint);

    /// <summary>The name was removed; nothing is meant by this entry.</summary>
    public bool IsStale => Address == 0;

    /// <summary>Byte offset of the entry in the directory file.</summary>
    public long FileOffset => (long)Address * DirectoryDataBlock.Alignment;
}
