// SPDX-License-Identifier: Apache-2.0
using Holdfast.Linux.Mounts;

namespace Holdfast.Linux.Tests;

public sealed class MountInfoLineTests
{
    [Theory]
    [InlineData("36 35 8:17 /a /srv/data rw master:1 propagate_from:2 - xfs /dev/sdb1 rw", "8:17", "/srv/data", "xfs")]
    [InlineData("36 35 253:0 / / rw - xfs /dev/mapper/vg-root rw", "253:0", "/", "xfs")]
    [InlineData(@"36 35 7:3 / /mnt/with\040blank rw - ext4 none rw", "7:3", @"/mnt/with\040blank", "ext4")]
    public void A_line_gives_device_mount_point_and_type(string line, string device, string mountPoint, string type)
    {
        Assert.True(MountInfoLine.TryParse(line, out MountInfoLine mount));
        Assert.Equal(device, mount.Device.ToString());
        Assert.Equal(mountPoint, mount.MountPoint.ToString());
        Assert.Equal(type, mount.FileSystemType.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("36 35")]
    [InlineData("36 35 8 / / rw - xfs none rw")]
    [InlineData("36 35 8:x / / rw - xfs none rw")]
    [InlineData("36 35 8:1 / / rw xfs none rw")]
    public void A_line_that_is_none_is_refused(string line) => Assert.False(MountInfoLine.TryParse(line, out _));

    [Theory]
    [InlineData(@"/a\040b\011c\012d\134e", "/a b\tc\nd\\e")]
    [InlineData(@"/ends\04", @"/ends\04")]
    [InlineData(@"/no\998", @"/no\998")]
    public void Octal_escapes_are_undone(string escaped, string wanted) =>
        Assert.Equal(wanted, MountInfoLine.Unescape(escaped));
}
