// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Linux.Media;

namespace Holdfast.Linux.Tests.Media;

/// <summary>What a disk's counters say of others, and what the pace makes of it.</summary>
public sealed class ScanPaceTests
{
    // reads merged sectors ms writes merged sectors ms …, as block/stat.rst has them.
    private const string Line = "     120      4   2048     75     10      1     80     25      0     90    100\n";

    [Fact]
    public void The_counters_of_a_disk_are_read()
    {
        Activity activity = DeviceActivity.Parse(Encoding.ASCII.GetBytes(Line));
        Assert.Equal(new Activity(130, (2048 + 80) * 512, TimeSpan.FromMilliseconds(100)), activity);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 2 3")]
    [InlineData("nonsense, and a lot of it: 1 2 3 4 5 6 7 8")]
    public void What_is_no_line_of_counters_says_nothing(string line) =>
        Assert.Equal(default, DeviceActivity.Parse(Encoding.ASCII.GetBytes(line)));

    /// <summary>Whoever uses another partition of the disk, or the disk under a volume, is there too.</summary>
    [Fact]
    public void The_disk_under_a_partition_and_under_a_volume_is_looked_at()
    {
        using var kernel = new FakeKernel();
        kernel.Device("sda", "8:0");
        kernel.Attribute("sda", "stat", Line);
        kernel.Attribute("sda", "queue/max_sectors_kb", "512\n");
        kernel.Device("sdb", "8:16");
        kernel.Attribute("sdb", "stat", Line);
        kernel.Attribute("sdb", "queue/max_sectors_kb", "128\n");
        kernel.Device("sda1", "8:1", partitionOf: "sda");
        kernel.Device("dm-0", "253:0", mappedName: "volume");
        kernel.Under("dm-0", "sda1", partitionOf: "sda");
        kernel.Under("dm-0", "sdb");
        using DeviceActivity volume = DeviceActivity.Open(new Linux.Devices.DeviceNumber(253, 0), kernel.Roots)!;
        Assert.Equal(128 << 10, volume.RequestMax);
        Assert.Equal(260, volume.Read().Requests);
        using DeviceActivity partition = DeviceActivity.Open(new Linux.Devices.DeviceNumber(8, 1), kernel.Roots)!;
        Assert.Equal((512 << 10, 130L), (partition.RequestMax, partition.Read().Requests));
    }

    [Fact]
    public void Where_others_wait_too_long_it_rests_longer_and_then_less_again()
    {
        var target = TimeSpan.FromMilliseconds(10);
        var slow = new Activity(10, 40960, TimeSpan.FromMilliseconds(200));
        var quick = new Activity(10, 40960, TimeSpan.FromMilliseconds(20));
        Assert.Equal(18, ScanPace.NextFactor(9, slow, target));
        Assert.Equal(199, ScanPace.NextFactor(150, slow, target));
        Assert.Equal(8, ScanPace.NextFactor(9, quick, target));
        Assert.Equal(1, ScanPace.NextFactor(1, quick, target));
        Assert.Equal(9, ScanPace.NextFactor(9, slow, null));
        // Nobody else, or nobody knows how many: it stays.
        Assert.Equal(9, ScanPace.NextFactor(9, default, target));
        Assert.Equal(9, ScanPace.NextFactor(9, slow with { Requests = 0 }, target));
    }
}
