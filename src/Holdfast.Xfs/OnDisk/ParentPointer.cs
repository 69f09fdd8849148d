// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// A link to an inode, told by the inode: an attribute whose name is the entry's name and whose value says which
/// directory the entry is in. Source of the format: xfs_da_format.h (struct xfs_parent_rec).
/// </summary>
public readonly ref struct ParentPointer
{
    private const int InodeAt = 0;
    private const int GenerationAt = InodeAt + sizeof(ulong);

    /// <summary>Bytes of the attribute's value.</summary>
    public const int Size = GenerationAt + sizeof(uint);

    private ParentPointer(InodeNumber parent, uint generation, ReadOnlySpan<byte> name)
    {
        Parent = parent;
        Generation = generation;
        Name = name;
    }

    /// <summary>The directory; that its number could exist is for the caller to ask.</summary>
    public InodeNumber Parent { get; }

    /// <summary>The directory's generation: another one means that the directory is not the one that was
    /// meant.</summary>
    public uint Generation { get; }

    /// <summary>The entry's name in that directory; a valid one.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Verifies and views an attribute of the namespace <see cref="AttributeNamespace.Parent"/>.</summary>
    public static BlockFault TryOpen(in AttributeEntry attribute, out ParentPointer opened)
    {
        opened = default;
        if (attribute.Namespace != AttributeNamespace.Parent || attribute.IsIncomplete)
        {
            return BlockFault.Wrong("flags", "a whole parent pointer", $"0x{(byte)attribute.Flags:x}");
        }

        if (!attribute.IsLocal || attribute.ValueLength != Size)
        {
            return BlockFault.Wrong("valuelen", Size, (ulong)attribute.ValueLength);
        }

        if (!DirectoryName.IsValid(attribute.Name)) return BlockFault.Bad("name", "not one that an entry can have");
        ReadOnlySpan<byte> value = attribute.Value;
        opened = new(new(value.U64(InodeAt)), value.U32(GenerationAt), attribute.Name);
        return BlockFault.None;
    }

    /// <summary>
    /// The hash that the attribute is sorted by, from the hash of the name in its directory: entries of one name in
    /// different directories shall not collide.
    /// </summary>
    public static uint Hash(uint nameHash, InodeNumber parent) =>
        nameHash ^ (uint)(parent.Value >> 32) ^ (uint)parent.Value;
}
