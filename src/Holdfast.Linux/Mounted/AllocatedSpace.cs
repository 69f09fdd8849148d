// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Failures.Impacts;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// What of the data device of a mounted XFS is not free, by the kernel's own map: true for the moment it was asked.
/// What is freed meanwhile is read for nothing, what is allocated meanwhile is not read.
/// </summary>
public static class AllocatedSpace
{
    /// <returns>Bytes of the data device.</returns>
    /// <exception cref="Interop.KernelRefusal">The kernel could not read its own map, or it shut down.</exception>
    /// <exception cref="InvalidDataException">One inode maps a block thousands of times.</exception>
    public static ByteRangeSet Of(MountedXfs xfs, CancellationToken cancellationToken = default)
    {
        var allocated = new List<ByteRange>();
        var device = new ByteRange(0, xfs.Geometry.DataLength);
        new SpaceMap(xfs).ForEach(
            DeviceRole.Data, device,
            row =>
            {
                ByteRange range = new ByteRange(row.Physical, row.Length).Intersect(device);
                if (row.Owner == OwnerKind.Free || range.IsEmpty) return;
                // Rows come in the order of the device: neighbours and shared ones are one, and the list stays short.
                bool isOneMore = allocated.Count > 0 && allocated[^1].End >= range.Offset;
                if (!isOneMore) allocated.Add(range);
                else allocated[^1] = ByteRange.FromTo(allocated[^1].Offset, Math.Max(allocated[^1].End, range.End));
            },
            cancellationToken);
        return ByteRangeSet.From(allocated);
    }
}
