// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;

namespace Holdfast.Testing.Kernel;

/// <summary>Files whose place on the device is known.</summary>
public static class WrittenFile
{
    /// <summary>Writes one below a mount point, to the medium.</summary>
    /// <returns>Its first extent, in bytes of the data device.</returns>
    public static ByteRange Create(string mountPoint, string name, int length, byte fill = 0)
    {
        string path = Path.Combine(mountPoint, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] content = new byte[length];
        content.AsSpan().Fill(fill);
        File.WriteAllBytes(path, content);
        using var root = new Tree(mountPoint);
        root.Sync();
        ulong inode = InodeOf(path);
        FsmapRow row = Bmap.ReadAll(root, Bulkstat.ReadAll(root).Where(at => at.Inode == inode))
            .MinBy(at => at.Offset);
        return new(row.Physical, row.Length);
    }

    private static ulong InodeOf(string path) =>
        ulong.Parse(Programs.ProgramRun.Require("stat", "-c", "%i", path).Text.Trim());
}
