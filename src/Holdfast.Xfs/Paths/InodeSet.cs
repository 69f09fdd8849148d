// SPDX-License-Identifier: Apache-2.0
namespace Holdfast.Xfs.Paths;

/// <summary>
/// A set of inode numbers that is asked once per directory entry: a small bitmap says "no" to nearly all of them.
/// </summary>
internal sealed class InodeSet
{
    private const int BitmapBits = 20;
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private readonly HashSet<ulong> _inodes;
    private readonly ulong[] _bitmap = new ulong[1 << (BitmapBits - 6)];

    public InodeSet(IEnumerable<ulong> inodes)
    {
        _inodes = [.. inodes];
        foreach (ulong inode in _inodes)
        {
            ulong bit = Bit(inode);
            _bitmap[bit >> 6] |= 1ul << (int)(bit & 63);
        }
    }

    public int Count => _inodes.Count;

    public IReadOnlySet<ulong> Inodes => _inodes;

    public bool Contains(ulong inode)
    {
        ulong bit = Bit(inode);
        return (_bitmap[bit >> 6] >> (int)(bit & 63) & 1) != 0 && _inodes.Contains(inode);
    }

    private static ulong Bit(ulong inode) => inode * Spread >> (64 - BitmapBits);
}
