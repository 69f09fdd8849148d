// SPDX-License-Identifier: Apache-2.0
using Holdfast.Failures;
using Holdfast.Testing.Programs;

namespace Holdfast.Testing.Kernel;

/// <summary>The image files of one filesystem. The log and realtime devices are null where it has none.</summary>
public sealed record ImageSet(string Data, string? Log = null, string? Realtime = null);

/// <summary>
/// A filesystem of image files, mounted on loop devices; unmounted and detached when disposed, whatever happened
/// between. Read-only mounts sit on read-only loop devices, unless the log has to be recovered first.
/// </summary>
public sealed class LoopMount : IDisposable
{
    private readonly List<LoopDevice> _devices = [];
    private readonly Dictionary<ulong, DeviceRole> _roles = [];
    private bool _mounted;

    private LoopMount(string point) => Point = point;

    /// <summary>Where it is mounted.</summary>
    public string Point { get; }

    /// <summary>The loop device of its data.</summary>
    public LoopDevice DataDevice => _devices[0];

    /// <param name="attached">Called between attaching the devices and mounting.</param>
    public static LoopMount ReadOnly(
        ImageSet images, Scratch scratch, bool recoverLog = false, Action? attached = null) =>
        Mount(images, scratch, "ro,nouuid", readOnlyDevices: !recoverLog, attached);

    /// <param name="options">Further mount options, as in "noquota,wsync".</param>
    public static LoopMount Writable(ImageSet images, Scratch scratch, string options = "") =>
        Mount(images, scratch, options.Length == 0 ? "rw,nouuid" : $"rw,nouuid,{options}", readOnlyDevices: false);

    /// <summary>The role of the device that a GETFSMAP row names.</summary>
    public DeviceRole RoleOf(ulong device) => _roles.TryGetValue(device, out DeviceRole role)
        ? role
        : throw new InvalidOperationException($"GETFSMAP named device {device:x}, which is not of this filesystem");

    public void Dispose()
    {
        try
        {
            if (_mounted) Unmount(Point);
            _mounted = false;
        }
        finally
        {
            foreach (LoopDevice device in _devices) device.Dispose();
            _devices.Clear();
        }
    }

    private static LoopMount Mount(
        ImageSet images, Scratch scratch, string options, bool readOnlyDevices, Action? attached = null)
    {
        string point = scratch.PathOf("mnt-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(point);
        var mount = new LoopMount(point);
        try
        {
            LoopDevice data = mount.Attach(images.Data, DeviceRole.Data, readOnlyDevices);
            if (images.Log is { } log)
            {
                options += ",logdev=" + mount.Attach(log, DeviceRole.Log, readOnlyDevices).Path;
            }

            if (images.Realtime is { } realtime)
            {
                options += ",rtdev=" + mount.Attach(realtime, DeviceRole.Realtime, readOnlyDevices).Path;
            }

            attached?.Invoke();
            ProgramRun.Require("mount", "-t", "xfs", "-o", options, data.Path, mount.Point);
            mount._mounted = true;
            return mount;
        }
        catch
        {
            mount.Dispose();
            throw;
        }
    }

    private LoopDevice Attach(string image, DeviceRole role, bool readOnly)
    {
        LoopDevice device = LoopDevice.Attach(image, readOnly);
        _devices.Add(device);
        _roles[device.Number] = role;
        return device;
    }

    private static void Unmount(string point)
    {
        Unmounting.Unmount(point);
        Directory.Delete(point);
    }
}
