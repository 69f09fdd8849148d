// SPDX-License-Identifier: Apache-2.0
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Layouts;

/// <summary>Finds out what lies on a disk or image, offline and without writing.</summary>
public static class DiskLayout
{
    /// <summary>
    /// Follows partition tables (MBR, GPT), LVM2 and md RAID1 down to the volumes. Damage is no failure: what could not
    /// be read or believed is among the tree's faults. Bytes inside known bad ranges are not believed if the source
    /// refuses them (<see cref="DistrustingBlockSource"/>).
    /// </summary>
    /// <param name="disk">The disk asked about. Borrowed, as are the others: they must outlive the tree.</param>
    /// <param name="isFilesystem">Does a volume begin with the filesystem that is looked for?</param>
    /// <param name="others">Further disks that hold parts of the same volume groups.</param>
    public static LayoutTree Discover(
        IBlockSource disk, Func<IBlockSource, bool> isFilesystem, params IReadOnlyList<IBlockSource> others) =>
        new LayoutExplorer(isFilesystem).Explore([disk, .. others]);
}
