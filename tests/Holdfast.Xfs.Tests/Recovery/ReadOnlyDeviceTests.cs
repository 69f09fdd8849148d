// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Holdfast.Testing.Oracle;

namespace Holdfast.Xfs.Tests.Recovery;

/// <summary>
/// Goal: recovery happens in memory. Nothing could write to the device, and nothing is written.
/// Method: while a crashed image is recovered and read, every descriptor of it that this process has is open for
/// reading only, as the kernel tells; its bytes are the same before and after.
/// </summary>
public sealed class ReadOnlyDeviceTests
{
    private const int AccessMode = 3; // O_ACCMODE; O_RDONLY is 0

    [Fact]
    public void Devices_are_open_for_reading_only_and_stay_as_they_are()
    {
        OracleImage image = OracleImage.Crashed("extlog");
        string[] devices = [image.Images.Data, image.Images.Log!];
        byte[][] before = [.. devices.Select(Hash)];
        int openBefore = devices.Sum(device => FlagsOf(device).Count());
        using (var recovered = new RecoveredImage(image.Images))
        {
            Assert.NotEmpty(recovered.Reader.Map(useRmapbt: true));
            Assert.NotEmpty(recovered.Reader.PathsByDirectories().Lines());
            int[] flags = [.. devices.SelectMany(FlagsOf)];
            Assert.True(flags.Length >= openBefore + devices.Length, "the reader's own descriptors are not among them");
            Assert.All(flags, flag => Assert.Equal(0, flag & AccessMode));
            Assert.NotEqual(0, recovered.Log.Overlay.RecoveredBytes);
        }

        Assert.Equal(before, devices.Select(Hash));
    }

    private static byte[] Hash(string path)
    {
        using FileStream file = File.OpenRead(path);
        return SHA256.HashData(file);
    }

    /// <summary>What open(2) was told, for each descriptor of a file.</summary>
    private static IEnumerable<int> FlagsOf(string path)
    {
        string? file = new FileInfo(path).LinkTarget;
        foreach (FileInfo open in new DirectoryInfo("/proc/self/fd").EnumerateFiles())
        {
            if (open.LinkTarget != file) continue;
            string flags = File.ReadLines($"/proc/self/fdinfo/{open.Name}").Single(
                line => line.StartsWith("flags:", StringComparison.Ordinal));
            yield return Convert.ToInt32(flags["flags:".Length..].Trim(), 8);
        }
    }
}
