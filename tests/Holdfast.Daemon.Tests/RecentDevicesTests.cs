// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Daemon.Api;
using Holdfast.Daemon.Tests.Running;

namespace Holdfast.Daemon.Tests;

/// <summary>What was found a moment ago is not asked for again; for how long, and what is never remembered.</summary>
public sealed class RecentDevicesTests
{
    private readonly HandTime _time = new();
    private readonly List<string> _asked = [];
    private string? _serial = "serial:1";

    [Fact]
    public void It_is_asked_for_again_after_a_tenth_of_a_second()
    {
        RecentDevices devices = Devices();
        Assert.Equal("serial:1", devices.Find("sdb")!.Identity);
        _serial = "serial:2";
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal("serial:1", devices.Find("sdb")!.Identity);
        Assert.Equal("serial:2", devices.Find("sdc")!.Identity);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("serial:2", devices.Find("sdb")!.Identity);
        Assert.Equal(["sdb", "sdc", "sdb"], _asked);
    }

    [Fact]
    public void One_that_is_not_there_is_always_asked_for()
    {
        RecentDevices devices = Devices();
        _serial = null;
        Assert.Null(devices.Find("sdb"));
        _serial = "serial:1";
        Assert.NotNull(devices.Find("sdb"));
        _time.Advance(TimeSpan.FromSeconds(1));
        _serial = null;
        Assert.Null(devices.Find("sdb"));
        Assert.Null(devices.Find("sdb"));
        Assert.Equal(4, _asked.Count);
    }

    [Fact]
    public void However_many_names_there_are_few_are_remembered()
    {
        RecentDevices devices = Devices();
        const int names = 10_000;
        for (int i = 0; i < names; i++) devices.Find($"/dev/../dev/{i}");
        for (int i = 0; i < names; i++) devices.Find($"/dev/../dev/{i}");
        Assert.InRange(_asked.Count, (2 * names) - 256, 2 * names);
    }

    private RecentDevices Devices() => new(
        name =>
        {
            _asked.Add(name);
            return _serial is { } serial ? new DeviceIdentity(serial, true, name, 1) : null;
        },
        _time);
}
