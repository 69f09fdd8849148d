// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>
/// Goal: what the map says of files and directories is what the kernel says file by file.
/// Method: the built map of every geometry against XFS_IOC_GETBMAPX of every regular file and directory, both forks;
/// the two cut extents at different places, so both are joined first.
/// </summary>
public sealed class MapEqualsGetbmapxTests
{
    [RootTheory]
    [GeometryData(Geometries.All)]
    [GeometryData(Geometries.All, newer: true)]
    public void Files_and_directories_have_the_extents_that_the_kernel_gives_them(string geometry)
    {
        OracleImage image = OracleImage.Get(geometry);
        using var reader = new Reader(image);
        IEnumerable<FsmapRow> found = reader.Map(useRmapbt: false);
        Same.Lines(
            geometry, FsmapRows.Extents(image.Bmap),
            FsmapRows.Extents(found.Where(row => image.MappableInodes.Contains(row.Inode))));
    }
}
