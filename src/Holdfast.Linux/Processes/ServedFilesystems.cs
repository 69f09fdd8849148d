// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;

namespace Holdfast.Linux.Processes;

/// <summary>
/// Whether a process sees any filesystem that may ask a server, which may be dead: then nothing may ask by stat(2) what
/// its descriptors are. Those that are known to ask nobody are named; all others may. For several threads.
/// </summary>
internal sealed unsafe class ServedFilesystems(KernelRoots roots)
{
    private const int LinkLengthMax = 64;

    private static readonly HashSet<string> AskNobody =
    [
        "xfs", "ext2", "ext3", "ext4", "btrfs", "f2fs", "vfat", "exfat", "ntfs3", "iso9660", "udf", "squashfs", "erofs",
        "overlay", "tmpfs", "ramfs", "devtmpfs", "rootfs", "proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue",
        "hugetlbfs", "securityfs", "selinuxfs", "debugfs", "tracefs", "configfs", "pstore", "efivarfs", "bpf",
        "fusectl", "binfmt_misc", "nsfs", "zfs", "bcachefs", "jfs", "nilfs2",
    ];

    private readonly ConcurrentDictionary<ulong, bool> _byNamespace = new();

    /// <param name="link">The path of its ns/mnt in /proc.</param>
    internal bool MayBeSeenBy(int process, ReadOnlySpan<byte> link)
    {
        // "mnt:[4026531841]"
        byte* text = stackalloc byte[LinkLengthMax];
        nint length = Native.ReadLinkAt(Native.AT_FDCWD, link, text, LinkLengthMax);
        var name = new ReadOnlySpan<byte>(text, (int)Math.Max(0, length));
        int number = name.IndexOf((byte)'[') + 1;
        if (number == 0 || !Utf8Parser.TryParse(name[number..], out ulong space, out _)) return true;
        return _byNamespace.GetOrAdd(space, _ => Mount
            .ReadAll(roots, process.ToString(CultureInfo.InvariantCulture))
            .Any(mount => !AskNobody.Contains(mount.FileSystemType)));
    }
}
