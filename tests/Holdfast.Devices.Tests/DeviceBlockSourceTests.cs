// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Holdfast.Devices.Sources;

namespace Holdfast.Devices.Tests;

public sealed class DeviceBlockSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-test-").FullName;

    private string Image => Path.Combine(_folder, "image");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_read_by_position()
    {
        byte[] bytes = new byte[10_000];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(Image, bytes);
        using DeviceBlockSource source = DeviceBlockSource.Open(Image);
        Assert.Equal((10_000L, 512, Image), (source.Length, source.SectorSize, source.Name));
        byte[] read = new byte[5000];
        Assert.Equal(ReadFault.None, source.Read(4999, read));
        Assert.Equal(bytes[4999..9999], read);
        Assert.Equal(new ReadFault(ReadFaultKind.PastEnd, 10_000, 0), source.Read(5001, read));
        Assert.Equal(ReadFaultKind.PastEnd, source.Read(long.MaxValue, read).Kind);
        Assert.Equal(ReadFaultKind.PastEnd, source.Read(-1, read).Kind);
    }

    [Fact]
    public void A_file_of_terabytes_is_read_at_its_end()
    {
        using (FileStream file = new(Image, FileMode.CreateNew)) file.SetLength(10L << 40);
        using DeviceBlockSource source = DeviceBlockSource.Open(Image);
        Assert.Equal(10L << 40, source.Length);
        Assert.Equal(ReadFault.None, source.Read(source.Length - 4096, new byte[4096]));
    }

    [Fact]
    public void A_file_that_is_cut_while_open_ends_where_it_ends()
    {
        File.WriteAllBytes(Image, new byte[8192]);
        using DeviceBlockSource source = DeviceBlockSource.Open(Image);
        using (FileStream file = new(Image, FileMode.Open)) file.SetLength(5000);
        Assert.Equal(new ReadFault(ReadFaultKind.PastEnd, 5000, 0), source.Read(4096, new byte[4096]));
    }

    [Theory]
    [InlineData("/", "is a directory")]
    [InlineData("/dev/null", "is neither a file nor a block device")]
    [InlineData("/dev/zero", "is neither a file nor a block device")]
    [InlineData("/nonexistent", "no such file or directory")]
    public void What_is_no_disk_is_refused_in_one_line(string path, string reason)
    {
        IOException refusal = Assert.Throws<IOException>(() => DeviceBlockSource.Open(path));
        Assert.Equal($"{path}: {reason}", refusal.Message);
    }

    [Fact]
    public void A_pipe_nobody_writes_to_is_refused_and_not_waited_for()
    {
        Process.Start("mkfifo", Image).WaitForExit();
        IOException refusal = Assert.Throws<IOException>(() => DeviceBlockSource.Open(Image));
        Assert.EndsWith("is neither a file nor a block device", refusal.Message, StringComparison.Ordinal);
    }
}
