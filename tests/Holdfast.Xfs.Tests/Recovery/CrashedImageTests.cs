// SPDX-License-Identifier: Apache-2.0
using Holdfast.Testing.Oracle;
using Xunit.Abstractions;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: a filesystem that stopped under load is, recovered in memory, what the kernel makes of it.
/// Method: images of crashes in the tree, and what kernels that can mount them said after recovery. Needs neither root
/// nor any program. Realtime devices are no part of it.
/// </summary>
public sealed class CrashedImageTests(ITestOutputHelper output)
{
    public static TheoryData<string> Images =>
    [
        "default", "normap", "bs1k", "bs64k", "noparent", "metadir", "old", "logsu", "v4", "v4log1", "extlog",
        "rtclassic", "rtgroups", "zoned",
    ];

    [Theory]
    [MemberData(nameof(Images))]
    public void The_mounted_view_is_the_kernels(string name)
    {
        OracleImage image = OracleImage.Crashed(name);
        using var recovered = new RecoveredImage(image.Images);
        RecoveryComparison comparison = RecoveryComparison.Of(image.Answers, recovered);
        foreach (string note in comparison.Notes) output.WriteLine($"{name}: {note}");
        Assert.True(comparison.IsEqual, $"{name}: {comparison}");
    }
}
