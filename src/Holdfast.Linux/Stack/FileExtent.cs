// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Stack;

/// <summary>A piece of a file that lies in one piece, or nowhere that can be said.</summary>
/// <param name="Offset">First byte of the file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Place">
/// First byte of the device; null where it has none yet (delayed allocation), or the filesystem does not say (packed,
/// in the inode, unknown).
/// </param>
/// <param name="IsUnwritten">It has its place, and reads as zeros whatever is there.</param>
/// <param name="IsShared">Another file, or another part of this one, has the same bytes.</param>
public readonly record struct FileExtent(long Offset, long Length, long? Place, bool IsUnwritten, bool IsShared)
{
    public long End => Offset + Length;
}
