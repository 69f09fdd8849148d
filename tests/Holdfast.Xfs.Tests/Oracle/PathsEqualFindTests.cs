// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing;
using Holdfast.Testing.Oracle;
using Holdfast.Xfs.Paths;

namespace Holdfast.Xfs.Tests.Oracle;

/// <summary>
/// Goal: every inode has the paths it has on the mount, no more and no fewer.
/// Method: the whole relation against find(1), for every geometry: names of any bytes, hundreds of hard links, paths
/// longer than the kernel's own limit.
/// </summary>
public sealed class PathsEqualFindTests
{
    [RootTheory]
    [GeometryData(Geometries.All)]
    [GeometryData(Geometries.All, newer: true)]
    public void A_pass_over_the_directories_finds_what_find_finds(string geometry)
    {
        OracleImage image = OracleImage.Get(geometry);
        using var reader = new Reader(image);
        Same.Lines(geometry, image.Paths.Lines(), reader.PathsByDirectories().Lines());
    }

    [RootTheory]
    [GeometryData(Geometries.All)]
    [GeometryData(Geometries.All, newer: true)]
    public void Inodes_that_are_asked_for_have_the_paths_that_find_gives_them(string geometry)
    {
        OracleImage image = OracleImage.Get(geometry);
        using var reader = new Reader(image);
        WantedInode[] wanted = [.. image.Paths.Inodes.Select(inode => Wanted(image.Paths, inode))];
        Same.Lines(geometry, image.Paths.Lines(), reader.PathsOf(wanted).Lines());
    }

    /// <summary>The root's own path is empty, and no entry names it.</summary>
    private static WantedInode Wanted(InodePaths paths, ulong inode) =>
        new(inode, paths[inode] is [{ Bytes.IsEmpty: true }] ? 0 : (uint)paths[inode].Count);
}
