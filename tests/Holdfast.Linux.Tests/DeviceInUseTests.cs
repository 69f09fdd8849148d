// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Devices;
using Holdfast.Testing;
using Holdfast.Testing.Programs;

namespace Holdfast.Linux.Tests;

/// <summary>A kernel of the test's own; the target is an image file and loop0 lies over it.</summary>
public sealed class DeviceInUseTests : IDisposable
{
    private readonly FakeKernel _kernel = new();
    private readonly string _image;

    public DeviceInUseTests()
    {
        _image = _kernel.File("disk.img");
        _kernel.Loop("loop0", "7:0", _image);
    }

    public void Dispose() => _kernel.Dispose();

    private DeviceUse? Found => DeviceInUse.Find(_image, _kernel.Roots);

    [Fact]
    public void An_image_under_an_idle_loop_device_is_free() => Assert.Null(Found);

    [Fact]
    public void A_missing_target_is_for_others_to_complain_about() =>
        Assert.Null(DeviceInUse.Find(_image + ".missing", _kernel.Roots));

    [Fact]
    public void An_image_mounted_through_its_loop_device_is_in_use()
    {
        _kernel.Mounts(@"36 35 7:0 / /mnt/one\040two rw - xfs /dev/loop0 rw");
        Assert.Contains($"{_image} is mounted at /mnt/one two through ", Found!.Reason, StringComparison.Ordinal);
        Assert.Contains("umount '/mnt/one two'", Found.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_device_s_mount_is_nobody_s_business()
    {
        _kernel.Mounts("36 35 7:1 / /mnt rw - xfs /dev/loop1 rw");
        Assert.Null(Found);
    }

    [Fact]
    public void A_loop_device_is_known_by_the_file_not_by_its_name()
    {
        string link = _kernel.File("other") + ".link";
        System.Diagnostics.Process.Start("ln", [_image, link])!.WaitForExit();
        _kernel.Mounts("36 35 7:0 / /mnt rw - xfs /dev/loop0 rw");
        Assert.NotNull(DeviceInUse.Find(link, _kernel.Roots));
        Assert.Null(DeviceInUse.Find(_kernel.File("other"), _kernel.Roots));
    }

    [Fact]
    public void A_mounted_partition_is_found()
    {
        _kernel.Device("loop0p1", "259:0", partitionOf: "loop0");
        _kernel.Mounts("36 35 259:0 / /mnt rw - xfs /dev/loop0p1 rw");
        Assert.Contains("/loop0p1:", Found!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_far_up_the_stack_is_found()
    {
        // loop0p1 <- md0 <- dm-0, which is mounted.
        _kernel.Device("loop0p1", "259:0", partitionOf: "loop0");
        _kernel.Device("md0", "9:0", md: true);
        _kernel.Device("dm-0", "253:0", mappedName: "vg-root");
        _kernel.Holds("md0", "loop0p1", partitionOf: "loop0");
        _kernel.Holds("dm-0", "md0");
        _kernel.Mounts("36 35 253:0 / / rw - xfs /dev/mapper/vg-root rw");
        Assert.Contains("is mounted at / through ", Found!.Reason, StringComparison.Ordinal);
        Assert.Contains("/dm-0:", Found.Reason, StringComparison.Ordinal);
    }

    [RootFact(Needs.MountedXfs)]
    public void Swap_is_found()
    {
        // The node is the machine's own, which is nothing but a number here.
        _kernel.Swaps("/dev/loop0                              partition\t1048572\t\t0\t\t-2");
        Assert.Contains("is in use as swap", Found!.Reason, StringComparison.Ordinal);
        _kernel.Swaps("/swap\\040file                           file\t\t1048572\t\t0\t\t-2");
        Assert.Null(Found);
    }

    [Fact]
    public void A_holder_that_is_not_mounted_holds_all_the_same()
    {
        _kernel.Device("dm-0", "253:0", mappedName: "vg-root");
        _kernel.Holds("dm-0", "loop0");
        Assert.EndsWith("is held by " + _kernel.Roots.Dev + "/mapper/vg-root", Found!.Reason, StringComparison.Ordinal);
        Assert.Contains("dmsetup remove vg-root", Found.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_raid_is_named_with_the_way_to_stop_it()
    {
        _kernel.Device("md127", "9:127", md: true);
        _kernel.Holds("md127", "loop0");
        Assert.Contains("mdadm --stop ", Found!.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Holders_in_a_circle_end()
    {
        _kernel.Device("dm-0", "253:0", mappedName: "a");
        _kernel.Holds("dm-0", "loop0");
        _kernel.Holds("loop0", "dm-0");
        Assert.NotNull(Found);
    }

    [Fact]
    public void A_kernel_that_shows_nothing_is_no_error() =>
        Assert.Null(DeviceInUse.Find(_image, new("/nonexistent/proc", "/nonexistent/sys", "/nonexistent/dev")));
}
