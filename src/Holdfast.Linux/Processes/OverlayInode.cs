// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Linux.Processes;

/// <summary>
/// The inode number of a file on an overlay is that of the file below, with the number of its layer in the highest bits
/// where the layers lie on several filesystems (xino of overlayfs.rst).
/// </summary>
internal static class OverlayInode
{
    // Inode numbers of XFS stay below this.
    private const int NumberBits = 56;

    internal static ulong Below(ulong shown) => shown & ((1ul << NumberBits) - 1);
}
