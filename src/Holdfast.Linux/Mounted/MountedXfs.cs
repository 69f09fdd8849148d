// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Failures;
using Holdfast.Linux.Devices;
using Holdfast.Linux.Interop;
using Holdfast.Linux.Mounts;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Linux.Mounted;

/// <summary>
/// A mounted XFS that is asked through the kernel: its memory is newer than the device. Nothing is ever flushed or
/// changed by asking. Holds the mount's root open, so that it cannot be unmounted meanwhile.
/// </summary>
public sealed class MountedXfs : IDisposable
{
    private const nuint FS_IOC_GETFSLABEL = 0x81009431;
    private const int LabelMax = 256;

    private readonly DeviceNumber? _realtime;

    private MountedXfs(Mount mount, SafeFileHandle root, MountedGeometry geometry)
    {
        Mount = mount;
        Root = root;
        Geometry = geometry;
        _realtime = mount.Option("rtdev") is { } device ? FileIdentity.Of(device)?.Device : null;
    }

    public Mount Mount { get; }

    public MountedGeometry Geometry { get; }

    /// <summary>
    /// The log was not recovered when it was mounted: what the kernel knows may be older than what was written.
    /// </summary>
    public bool IsUnrecovered => Mount.Has("norecovery");

    /// <summary>Whether the kernel tells this process who owns what: it tells only root.</summary>
    public static bool IsTold => Users.Effective == 0;

    internal SafeFileHandle Root { get; }

    /// <exception cref="KernelRefusal">
    /// It cannot be opened, EIO where the filesystem has shut down, or it is no XFS.
    /// </exception>
    public static MountedXfs Open(Mount mount)
    {
        SafeFileHandle root = OpenRoot(mount);
        if (root.IsInvalid) throw KernelRefusal.Last(mount.MountPoint, "open");
        try
        {
            return new(mount, root, MountedGeometry.Read(root, mount.MountPoint));
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    /// <summary>
    /// It has stopped after an error or at an administrator's word: the kernel answers nothing any more, and writes
    /// nothing either, so that the device can be read.
    /// </summary>
    public static bool HasShutDown(Mount mount)
    {
        // The root of a mount is in memory: to open it reads nothing, so that no bad sector can look like this.
        using SafeFileHandle root = OpenRoot(mount);
        return root.IsInvalid && Marshal.GetLastPInvokeError() == Native.EIO;
    }

    /// <summary>FS_IOC_GETFSLABEL (linux/fs.h); empty where it has none, or the kernel does not say.</summary>
    public unsafe string ReadLabel()
    {
        Span<byte> label = stackalloc byte[LabelMax];
        label.Clear();
        fixed (byte* start = label) Native.Ioctl(Root, FS_IOC_GETFSLABEL, start);
        int end = label.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? label : label[..end]);
    }

    /// <summary>Which of the filesystem's devices a number names.</summary>
    public DeviceRole RoleOf(DeviceNumber device) => device == Mount.Device ? DeviceRole.Data
        : device == _realtime ? DeviceRole.Realtime
        : DeviceRole.Log;

    /// <summary>The number of one of the filesystem's devices; null where it has none of its own.</summary>
    public DeviceNumber? NumberOf(DeviceRole role) => role switch
    {
        DeviceRole.Data => Mount.Device,
        DeviceRole.Realtime => _realtime,
        _ => Mount.Option("logdev") is { } device ? FileIdentity.Of(device)?.Device : null,
    };

    public void Dispose() => Root.Dispose();

    private static SafeFileHandle OpenRoot(Mount mount) =>
        Native.Open(mount.MountPoint, Native.O_RDONLY | Native.O_DIRECTORY | Native.O_CLOEXEC);
}
