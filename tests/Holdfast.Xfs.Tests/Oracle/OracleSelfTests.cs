// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures.Impacts;
using Holdfast.Testing;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>
/// What the tests lean on has to hold by itself: the kernel's two answers agree, and the workload is rich.
/// </summary>
public sealed class OracleSelfTests
{
    [RootTheory]
    [GeometryData(Geometries.WithRmapbt)]
    [GeometryData(Geometries.WithRmapbt, newer: true)]
    public void The_kernels_reverse_map_and_its_block_maps_agree(string geometry)
    {
        OracleImage image = OracleImage.Get(geometry);
        Same.Lines(
            geometry, FsmapRows.Extents(image.Bmap),
            FsmapRows.Extents(image.Fsmap.Where(row => image.MappableInodes.Contains(row.Inode))));
    }
}
