// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Security.Cryptography;
using Holdfast.Devices.Layouts;
using Holdfast.Devices.Sources;
using Holdfast.Devices.Tests.Support;

namespace Holdfast.Devices.Tests;

/// <summary>
/// Disks that a kernel wrote through its own md and device-mapper, with the checksums of what it read back from there
/// (Fixtures/make-with-kernel): neither the place nor the order of any byte is ours.
/// </summary>
public sealed class KernelWrittenTests
{
    [Theory]
    [InlineData("0.90")]
    [InlineData("1.0")]
    [InlineData("1.1")]
    [InlineData("1.2")]
    public void A_mirrors_member_holds_what_the_array_did(string version)
    {
        string[] answer = Answer("md", version);
        LayoutTree tree = XfsMagic.Discover(Bundled.Disk($"md-{version}"));
        Assert.Empty(tree.Faults);
        LayoutNode array = tree.Node("md");
        Assert.Contains($"metadata {version}", array.Description, StringComparison.Ordinal);
        Assert.Equal(answer[3], array.Uuid);
        Assert.Equal("raid1: 1 other member(s) hold a copy", array.Redundancy);
        AssertContent(answer, array.Source!);
    }

    [Theory]
    [InlineData("narrow", "real/narrow")]
    [InlineData("wide", "real/wide")]
    [InlineData("both", "real/both")] // with a snapshot on top, which leaves it readable
    [InlineData("mirror", "real/mirror_rimage_0")]
    [InlineData("mirror", "real/mirror_rimage_1")]
    public void A_logical_volume_holds_what_device_mapper_did(string volume, string node)
    {
        LayoutTree tree = XfsMagic.Discover(Bundled.Disk("dm-a"), Bundled.Disk("dm-b"));
        Assert.Empty(tree.Faults);
        AssertContent(Answer("dm", volume), tree.Node(node).Source!);
    }

    [Theory]
    [InlineData("snap", "LVM snapshot: its content is partly in its origin")]
    [InlineData("pool", "LVM thin-pool is not read offline: activate it and give its device")]
    [InlineData("thin", "LVM thin is not read offline: activate it and give its device")]
    [InlineData("mirror", "LVM raid1: read one of its copies, real/mirror_rimage_0 or real/mirror_rimage_1")]
    public void What_cannot_be_mapped_is_named(string volume, string reason)
    {
        LayoutTree tree = XfsMagic.Discover(Bundled.Disk("dm-a"), Bundled.Disk("dm-b"));
        Assert.Equal(reason, tree.Node($"real/{volume}").Opaque);
    }

    private static string[] Answer(string file, string key) =>
        Bundled.Lines(file).Select(l => l.Split('|')).Single(p => p[0] == key);

    private static void AssertContent(string[] answer, IBlockSource source)
    {
        Assert.Equal(long.Parse(answer[1], CultureInfo.InvariantCulture), source.Length);
        byte[] content = new byte[source.Length];
        Assert.Equal(ReadFault.None, source.Read(0, content));
        Assert.Equal(answer[2], Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}
