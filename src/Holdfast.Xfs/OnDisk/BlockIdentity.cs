// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.OnDisk;

/// <summary>
/// What a self-describing metadata block must say of itself: where it lies, who owns it, which filesystem it belongs
/// to. A block that was moved or is stale fails here although its checksum is right.
/// </summary>
/// <param name="HasCrc">V5: the block has a checksum, address, owner and UUID. V4 blocks have none of them.</param>
/// <param name="Address">The block's own disk address (512-byte sectors).</param>
/// <param name="Owner">The group number or the inode number; null where the format keeps none.</param>
/// <param name="Uuid">The metadata UUID of the superblock.</param>
public readonly record struct BlockIdentity(bool HasCrc, DiskAddress Address, ulong? Owner, Guid Uuid);
