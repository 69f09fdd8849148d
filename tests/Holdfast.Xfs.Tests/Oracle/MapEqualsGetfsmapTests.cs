// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>
/// Goal: the map of a freshly unmounted filesystem is, row by row, what the kernel says of it.
/// Method: every geometry, filled by the seeded workload, against FS_IOC_GETFSMAP of a read-only mount.
/// </summary>
public sealed class MapEqualsGetfsmapTests
{
    [RootTheory]
    [GeometryData(Geometries.WithRmapbt)]
    [GeometryData(Geometries.WithRmapbt, newer: true)]
    public void The_map_from_the_rmapbt_is_the_kernels_row_by_row(string geometry)
    {
        OracleImage image = OracleImage.Get(geometry);
        using var reader = new Reader(image);
        Same.Lines(geometry, FsmapRows.DataFirst(image.Fsmap), reader.Map(useRmapbt: true));
    }

    [RootTheory]
    [GeometryData(Geometries.WithRmapbt)]
    [GeometryData(Geometries.WithRmapbt, newer: true)]
    public void The_map_built_without_looking_at_the_rmapbt_is_the_kernels_row_by_row(string geometry)
    {
        OracleImage image = OracleImage.Get(geometry);
        using var reader = new Reader(image);
        Same.Lines(geometry, FsmapRows.DataFirst(image.Fsmap), reader.Map(useRmapbt: false));
    }

    // Without an rmapbt the kernel knows only used and free.
    [RootTheory]
    [GeometryData(Geometries.WithoutRmapbt)]
    [GeometryData(Geometries.WithoutRmapbt, newer: true)]
    public void Without_an_rmapbt_used_and_free_space_are_the_kernels(string geometry)
    {
        OracleImage image = OracleImage.Get(geometry);
        using var reader = new Reader(image);
        Same.Lines(geometry, FsmapRows.UsedAndFree(image.Fsmap), FsmapRows.UsedAndFree(reader.Map(useRmapbt: true)));
    }
}
