// SPDX-License-Identifier: Apache-2.0
using Holdfast.Core.Records;
using Holdfast.Linux.Devices;

namespace Holdfast.Linux.Tests;

/// <summary>
/// What devices say of themselves in sysfs, and what is made of it. The values are made up in the form that such
/// devices
/// give them; they were not recorded from any.
/// </summary>
public sealed class DeviceIdentityTests : IDisposable
{
    private readonly FakeKernel _kernel = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-identity-").FullName;

    public void Dispose()
    {
        _kernel.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("device/wwid", "naa.5000c500a1b2c3d4\n", "wwn:naa.5000c500a1b2c3d4")]
    [InlineData("wwid", "eui.0025385b71b0a1c2\n", "wwn:eui.0025385b71b0a1c2")]
    [InlineData("device/wwid", "t10.ATA     QEMU HARDDISK                           QM00001             \n",
        "wwn:t10.ATA_QEMU_HARDDISK_QM00001")]
    [InlineData("device/serial", "  S4EWNX0R123456      \n", "serial:S4EWNX0R123456")]
    [InlineData("serial", "vda-serial-1", "serial:vda-serial-1")]
    [InlineData("dm/uuid", "LVM-k3GkD2Lw0000\n", "dm:LVM-k3GkD2Lw0000")]
    [InlineData("md/uuid", "f1e2d3c4-0000-1111-2222-333344445555\n", "md:f1e2d3c4-0000-1111-2222-333344445555")]
    public void A_device_that_says_something_lasting_of_itself_is_called_that(string file, string text, string identity)
    {
        _kernel.Device("sda", "8:0");
        _kernel.Attribute("sda", "size", "7814037168\n");
        _kernel.Attribute("sda", file, text);
        DeviceIdentity? found = DeviceIdentities.Find(identity, _kernel.Roots);
        Assert.Equal(new(identity, true, Path.Combine(_kernel.Roots.Dev, "sda"), 7814037168L * 512), found);
    }

    [Fact]
    public void The_same_serial_number_of_two_makers_is_two_disks()
    {
        foreach ((string name, string number, string model) in (ValueTuple<string, string, string>[])
            [("sda", "8:0", "ST4000NM0035"), ("sdb", "8:16", "WDC WD40EFRX")])
        {
            _kernel.Device(name, number);
            _kernel.Attribute(name, "device/vendor", "ATA     \n");
            _kernel.Attribute(name, "device/model", model + "\n");
            _kernel.Attribute(name, "device/serial", "0001\n");
        }

        Assert.EndsWith("sda", DeviceIdentities.Find("serial:ATA_ST4000NM0035_0001", _kernel.Roots)!.Name);
        Assert.EndsWith("sdb", DeviceIdentities.Find("serial:ATA_WDC_WD40EFRX_0001", _kernel.Roots)!.Name);
    }

    [Fact]
    public void A_partition_is_called_after_its_disk_and_its_number()
    {
        _kernel.Device("nvme0n1", "259:0");
        _kernel.Attribute("nvme0n1", "wwid", "eui.0025385b71b0a1c2\n");
        _kernel.Device("nvme0n1p2", "259:2", partitionOf: "nvme0n1");
        _kernel.Attribute("nvme0n1/nvme0n1p2", "partition", "2\n");
        DeviceIdentity? found = DeviceIdentities.Find("wwn:eui.0025385b71b0a1c2-part2", _kernel.Roots);
        Assert.Equal((true, "nvme0n1p2"), (found!.IsStable, Path.GetFileName(found.Name)));
    }

    [Fact]
    public void A_disk_that_says_nothing_is_known_until_the_next_boot_and_said_to_be_unstable()
    {
        _kernel.Boot("6b3c2d1e-0000-4000-8000-000000000001");
        _kernel.Device("vdb", "253:16");
        _kernel.Attribute("vdb", "diskseq", "17\n");
        const string identity = "diskseq:6b3c2d1e-0000-4000-8000-000000000001:17";
        Assert.False(DeviceIdentities.Find(identity, _kernel.Roots)!.IsStable);
        _kernel.Boot("6b3c2d1e-0000-4000-8000-000000000002");
        Assert.Null(DeviceIdentities.Find(identity, _kernel.Roots));
    }

    [Theory]
    [InlineData("naa.0000000000000000\n")]
    [InlineData("   \n")]
    [InlineData("")]
    public void Zeros_and_blanks_name_nothing(string text)
    {
        _kernel.Device("sdc", "8:32");
        _kernel.Attribute("sdc", "device/wwid", text);
        DeviceIdentity? found = DeviceIdentities.Find("path:" + Path.Combine(_kernel.Roots.Dev, "sdc"), _kernel.Roots);
        Assert.Equal((false, "sdc"), (found!.IsStable, Path.GetFileName(found.Name)));
    }

    [Fact]
    public void What_a_hostile_device_says_damages_no_terminal()
    {
        _kernel.Device("sdd", "8:48");
        _kernel.Attribute("sdd", "device/serial", "a\u001b[2Jb\nc\u0000d");
        Assert.NotNull(DeviceIdentities.Find("serial:a?[2Jb_c?d", _kernel.Roots));
    }

    [Fact]
    public void A_loop_device_is_its_file()
    {
        string image = Path.Combine(_folder, "a.img");
        File.WriteAllBytes(image, new byte[4096]);
        _kernel.Loop("loop7", "7:7", image);
        _kernel.Attribute("loop7", "size", "8\n");
        Assert.Equal(
            new("path:" + image, false, image, 4096), DeviceIdentities.Find("path:" + image, _kernel.Roots));
        Assert.Equal($"path:{image}", Assert.Single(DeviceIdentities.All(_kernel.Roots)).Identity);
    }

    [Fact]
    public void A_file_is_the_same_through_whatever_links_it_is_named()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "real"));
        string image = Path.Combine(_folder, "real", "a.img");
        File.WriteAllBytes(image, new byte[512]);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "folder"), Path.Combine(_folder, "real"));
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), "folder/a.img");
        foreach (string name in (string[])["real/a.img", "folder/a.img", "link", "real/../folder/./a.img"])
        {
            DeviceIdentity? found = DeviceIdentities.Find(Path.Combine(_folder, name), _kernel.Roots);
            Assert.Equal(("path:" + image, false), (found!.Identity, found.IsStable));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing")]
    [InlineData("path:")]
    [InlineData("path:/no/such/image")]
    [InlineData("wwn:naa.1")]
    [InlineData("a\0b")]
    public void What_is_not_there_is_nothing(string name) => Assert.Null(DeviceIdentities.Find(name, _kernel.Roots));
}
