// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Testing.Kernel;
using Holdfast.Testing.Oracle;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>
/// Goal: what the kernel at hand cannot mount, or mkfs not make, is read as rightly as the rest: V4, quota, realtime.
/// Method: images made and answered for by other kernels, kept in the tree. Needs neither root nor any program. Where
/// there is a realtime device, only the data device's rows are held against each other.
/// </summary>
public sealed class BundledImageTests
{
    [Theory]
    [BundledData]
    public void The_map_is_the_kernels(string name)
    {
        OracleImage image = OracleImage.Bundled(name);
        using var reader = new Reader(image);
        IEnumerable<FsmapRow> wanted = OnData(image.Fsmap);
        IEnumerable<FsmapRow> found = OnData(reader.Map(useRmapbt: true));
        if (image.HasRmapbt) Same.Lines(name, wanted, found);
        else Same.Lines(name, FsmapRows.UsedAndFree(wanted), FsmapRows.UsedAndFree(found));
    }

    [Theory]
    [BundledData]
    public void The_built_map_is_the_kernels(string name)
    {
        OracleImage image = OracleImage.Bundled(name);
        using var reader = new Reader(image);
        IEnumerable<FsmapRow> wanted = OnData(image.Fsmap);
        IEnumerable<FsmapRow> found = OnData(reader.Map(useRmapbt: false));
        if (image.HasRmapbt) Same.Lines(name, wanted, found);
        else Same.Lines(name, FsmapRows.UsedAndFree(wanted), FsmapRows.UsedAndFree(found));
    }

    [Theory]
    [BundledData]
    public void Files_and_directories_have_the_extents_that_the_kernel_gives_them(string name)
    {
        OracleImage image = OracleImage.Bundled(name);
        using var reader = new Reader(image);
        IEnumerable<FsmapRow> found = OnData(reader.Map(useRmapbt: false));
        Same.Lines(
            name, FsmapRows.Extents(OnData(image.Bmap)),
            FsmapRows.Extents(found.Where(row => image.MappableInodes.Contains(row.Inode))));
    }

    [Theory]
    [BundledData]
    public void Paths_are_those_that_find_finds(string name)
    {
        OracleImage image = OracleImage.Bundled(name);
        using var reader = new Reader(image);
        Same.Lines(name, image.Paths.Lines(), reader.PathsByDirectories().Lines());
    }

    private static IEnumerable<FsmapRow> OnData(IEnumerable<FsmapRow> rows) =>
        rows.Where(row => row.Device == DeviceRole.Data);
}
