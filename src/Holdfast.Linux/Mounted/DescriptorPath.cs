// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Holdfast.Failures.Impacts;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// The path that the kernel knows an inode by, from /proc/self/fd of a descriptor opened by handle: always for a
/// directory, for a file where somebody has looked it up of late. It is one path: enough where there is one link.
/// </summary>
internal sealed class DescriptorPath(MountedXfs xfs)
{
    private readonly InodeOpener _opener = new(xfs);

    /// <returns>Null where the kernel does not know, or the path leads to something else.</returns>
    internal PathName? Find(WantedName wanted)
    {
        // Only the mount of the whole filesystem shows paths from its root.
        if (wanted is not { Generation: { } generation, Links: 1 } || xfs.Mount.Root != "/") return null;
        using SafeFileHandle? file = _opener.OpenAsPlace(wanted.Inode, generation);
        if (file is null) return null;
        string link = $"/proc/self/fd/{file.DangerousGetHandle()}";
        if (LinkTarget.Read(link) is not { } target) return null;
        byte[] point = Encoding.UTF8.GetBytes(xfs.Mount.MountPoint.TrimEnd('/') + "/");
        // The root itself is shown without the slash.
        if (!((byte[])[.. target, (byte)'/']).AsSpan().StartsWith(point)) return null;
        byte[] path = target.Length < point.Length ? [] : target[point.Length..];
        return LeadsTo(path, wanted.Inode) ? new PathName(path) : null;
    }

    private bool LeadsTo(byte[] path, ulong inode)
    {
        FileIdentity? found = FileIdentity.At(xfs.Root, path);
        return found is { } there && there.Inode == inode && there.LiesOn == xfs.Mount.Device;
    }
}
