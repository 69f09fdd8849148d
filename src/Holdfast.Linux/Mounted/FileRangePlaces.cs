// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>Where a range of a file of a mounted XFS lies on its devices.</summary>
/// <param name="Data">Bytes of the data device.</param>
/// <param name="Realtime">Bytes of the realtime device.</param>
/// <param name="IsCut">The file has more there than was asked for at most.</param>
public sealed record FilePlaces(ByteRangeSet Data, ByteRangeSet Realtime, bool IsCut);

/// <summary>
/// Asks the kernel for the extents of a file that an event names by inode and generation. Unwritten space holds nothing
/// that could be lost, and is left out.
/// </summary>
public static class FileRangePlaces
{
    /// <param name="bytesMax">Of the devices.</param>
    /// <returns>Null where the inode is gone or another one now, or is no file or directory.</returns>
    /// <exception cref="KernelRefusal">The kernel does not tell.</exception>
    public static FilePlaces? Of(MountedXfs xfs, ulong number, uint generation, ByteRange range, long bytesMax)
    {
        if (new MountedInodes(xfs).Find(number) is not { } inode || inode.Generation != generation) return null;
        using SafeFileHandle? file = new InodeOpener(xfs).Open(inode);
        if (file is null) return null;
        var places = new List<ByteRange>();
        long left = bytesMax;
        using var extents = new InodeExtents(xfs);
        extents.ForEach(
            file, inode, ForkKind.Data,
            row =>
            {
                ByteRange inside = new ByteRange(row.Offset, row.Length).Intersect(range);
                if (!inside.IsEmpty && !row.Unwritten)
                {
                    long length = Math.Min(inside.Length, left);
                    left -= inside.Length;
                    places.Add(new(row.Physical + (inside.Offset - row.Offset), length));
                }

                return left >= 0 && row.Offset + row.Length < range.End;
            },
            range.Offset);
        var all = ByteRangeSet.From(places);
        return inode.IsRealtime
            ? new(ByteRangeSet.Empty, all, left < 0)
            : new(all, ByteRangeSet.Empty, left < 0);
    }
}
